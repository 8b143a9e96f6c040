"""Which data a run was trained on: written into its folder as `data.json`, and read back."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from jxai.data.birds.source import birds_meta
from jxai.data.birds.species import MOST
from jxai.data.scenes.source import scenes_meta
from jxai.data.schema import Meta, SceneMeta
from jxai.data.spec import DataSpec, Splits, load, meta_of
from jxai.data.table import DATA
from jxai.pipelines.progress import ProgressCallback, no_progress
from jxai.run.outputs import write_json

__all__ = [
    "data_of_run",
    "describe_data",
    "guess_data_of_old_run",
    "named_data",
    "require_same_data",
    "splits_of_run",
]

_FILE = "data.json"
_DESCRIPTIONS = ("model.json", "flex.json")  # of runs of networks and of explainers in words; both name the classes


def named_data(name: str, source: str | Path | None = None, **options: Any) -> DataSpec:
    """The data set that a user names.

    Args:
        name: of the set.
        source: its archive or folder.
        **options: of the set; those that are None are left out.

    Raises:
        ValueError: the set is not known, or takes no source or no such option.
    """
    return DataSpec(
        name,
        None if source is None else str(source),
        {option: value for option, value in options.items() if value is not None},
    )


def describe_data(folder: Path, spec: DataSpec) -> None:
    """Write into a run's folder which data it is trained on; the run is read from any working folder.

    Raises:
        ValueError: the folder holds a run on other data.
    """
    require_same_data(folder, spec)
    folder.mkdir(parents=True, exist_ok=True)
    source = None if spec.source is None else str(Path(spec.source).expanduser().absolute())
    write_json(folder / _FILE, dataclasses.asdict(dataclasses.replace(spec.complete(), source=source)))


def require_same_data(folder: Path, spec: DataSpec) -> None:
    """Refuse a folder that holds a run on other data; their files may have moved.

    Raises:
        ValueError: the set or its options differ.
    """
    if not (folder / _FILE).is_file():
        return
    written = _read(folder / _FILE)
    if not written.same_examples(spec):
        raise ValueError(
            f"expected a new folder or a run on the same data, but {folder} holds a run on {_said(written)}, not on "
            f"{_said(spec)}; name another folder, or delete it."
        )


def data_of_run(folder: Path) -> DataSpec | None:
    """The data set that a run was trained on; None where its folder does not say it.

    Args:
        folder: of a run of `jxai train`.

    Raises:
        ValueError: `data.json` is damaged.
    """
    if (folder / _FILE).is_file():
        return _read(folder / _FILE)
    for name in _DESCRIPTIONS:
        if (folder / name).is_file():
            return guess_data_of_old_run(json.loads((folder / name).read_text()).get("classes") or [])
    return None


def guess_data_of_old_run(classes: list[str]) -> DataSpec | None:
    """The data set made here that has these classes: runs of version 0.1 have no `data.json`.

    Args:
        classes: the names that the run's description gives.
    """
    if tuple(classes) == tuple(scenes_meta().classes):
        return DataSpec("scenes")
    if tuple(classes) == tuple(scenes_meta().activities[1:]):
        return DataSpec("activities")
    if 2 <= len(classes) <= MOST and tuple(classes) == tuple(birds_meta(len(classes)).classes):
        return DataSpec("birds", options={"species": len(classes)})
    return None


def splits_of_run(
    folder: Path,
    classes: list[str] | None,
    size: int,
    *,
    name: str | None = None,
    source: Path | None = None,
    progress: ProgressCallback = no_progress,
) -> Splits:
    """The splits that a run was trained on.

    Args:
        folder: of the run.
        classes: of the run; None where the weights are a file, which no data are known of.
        size: side of the images in pixels.
        name: of the data set, for a run that does not say it.
        source: archive or folder of the set, where it has moved or the run does not say it.
        progress: called while a set is made.

    Raises:
        ValueError: the weights are a file, or the set is not known, or has other classes than the run.
    """
    if classes is None:
        raise ValueError("test images: expected --weights to be the folder of a jxai train run, got a weight file.")
    spec = _chosen(data_of_run(folder), len(classes), name, source, folder)
    meta = meta_of(spec)
    if meta is not None:  # refused before thousands of images are drawn
        _require_classes(spec, meta, classes)
    splits = load(spec, size, progress=progress)
    _require_classes(splits.spec, splits.meta, classes)
    return splits


def _require_classes(spec: DataSpec, meta: Meta | SceneMeta, classes: list[str]) -> None:
    if list(meta.classes) != list(classes):
        raise ValueError(f"--data {spec.name}: the run has other classes ({classes[0]}, ...); name its own data set.")


def _chosen(spec: DataSpec | None, classes: int, name: str | None, source: Path | None, folder: Path) -> DataSpec:
    """What the user names goes before what the run says."""
    name = name or (spec.name if spec else None)
    if name is None:
        raise ValueError(f"{folder} does not say what it was trained on; name the data set by --data and --source.")
    if spec is None or spec.name != name:
        return named_data(name, source, species=classes if "species" in DATA[name].options else None)
    return spec if source is None else dataclasses.replace(spec, source=named_data(name, source).source)


def _read(file: Path) -> DataSpec:
    try:
        return DataSpec(**json.loads(file.read_text()))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{file} is not what jxai train writes ({error}); restore it from a copy.") from None


def _said(spec: DataSpec) -> str:
    own = {name: value for name, value in spec.options.items() if DATA[spec.name].defaults.get(name) != value}
    return " ".join([spec.name, *(f"({name} {value})" for name, value in own.items())])
