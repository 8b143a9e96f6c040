"""The settings of `jxai train words`."""

import dataclasses
from pathlib import Path

import tyro

from jxai.cli.settings.data_sets import CaptionedSet
from jxai.pipelines.words.settings import FlexSettings, Method

__all__ = ["TrainWords"]


@tyro.conf.configure(tyro.conf.OmitArgPrefixes)
@dataclasses.dataclass(frozen=True)
class TrainWords:
    """Train an explainer in words for a trained classifier of images; an interrupted run in the folder is continued.

    Attributes:
        weights: The classifier: folder of a `jxai train classifier` run, or a weight file.
        out: Folder of the run.
        method: Which explainer.
        data: Data set with captions; by default the one that the classifier was trained on.
        source: Archive or folder of a data set that is not made here.
        model: Architecture of a weight file.
        keep_head: The outputs of a weight file are the classes of the data. By default a new last layer is fitted.
        species: Species of birds, for a weight file; 20 by default.
        without: Classes (numbers or names) that the explainer does not see in training: it is tested on them alone.
        variants: File with other forms of words, a line `wings#wing` each, as FLEX's lemma.txt.
        layers: Layers (taps) whose channels get words; by default all with places, of many the last of each resolution.
        at: Layer that the sentence is made from; by default the last feature map.
        eta: Share of a layer's importance that its important channels hold.
        k: Channels that are followed from each layer to the one below.
        as_printed: The equations as printed, where the released code differs.
        samples: Sentences that are shown at the end.
        per_device: Pictures that a device reads at once.
        devices: CPU devices; by default one per core.
    """

    weights: Path
    out: Path = Path("jxai-flex")
    method: Method = "flex"
    data: CaptionedSet | None = None
    source: Path | None = None
    model: str | None = None
    keep_head: bool = False
    species: int | None = None
    without: tuple[str, ...] = ()
    variants: Path | None = None
    layers: tuple[str, ...] = ()
    at: str | None = None
    eta: float = 0.8
    k: int = 5
    as_printed: bool = False
    samples: int = 5
    per_device: int = 16
    devices: int | None = None
    settings: FlexSettings = dataclasses.field(
        default_factory=FlexSettings
    )  # of a default value tyro would offer warmup
