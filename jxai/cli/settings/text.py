"""The settings of `jxai text`."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from jxai.pipelines.texts.options import TextOptions

__all__ = [
    "Text",
]


@dataclasses.dataclass(frozen=True)
class Text:
    """Explain a text model's predictions word by word.

    Prints highlighted text; with a folder to write to, also raw attributions (npz) and a report (HTML).

    Attributes:
        texts: The sentences, or files with one text each: @FILE, or its path.
        weights: Weight file, safetensors or npz, or a folder with it (Hugging Face's `config.json` is read beside it);
            or the folder of a `jxai train` run.
        vocab: Vocabulary, vocab.txt or tokenizer.json; by default the one beside the weights.
        model: bert or text_transformer; by default bert, or that of the run in the folder.
        heads: Attention heads, where no `config.json` says how many.
        cased: The vocabulary of a vocab.txt tells capitals from small letters.
        method: One or more methods (see `jxai list`).
        target: Classes to explain: numbers, names, or top for the prediction.
        measure: Measure the words too: by deletion and insertion, or by the measures named (see `jxai list`).
        like: For an encoder without classes: explain the similarity (cosine) to this sentence.
        labels: Text file with the names of the classes, one a line.
        length: Tokens that the model takes at once, by default its limit. A longer text loses its last words; marc
            explains all of it, in passages that overlap.
        out: Folder to write to; must not exist unless overwrite is given.
        overwrite: Replace the folder if it exists.
        colour: Colours, where the output is a terminal and NO_COLOR is not set.
        devices: CPU devices; by default one per core.
    """

    texts: tyro.conf.Positional[tuple[str, ...]]
    weights: Path
    vocab: Path | None = None
    model: str | None = None
    heads: int | None = None
    cased: bool = False
    method: tuple[str, ...] = ("integrated_gradients",)
    target: tuple[str, ...] = ("top",)
    measure: tuple[str, ...] | None = None
    like: str | None = None
    labels: Path | None = None
    length: int | None = None
    out: Path | None = None
    overwrite: bool = False
    colour: bool = True
    devices: int | None = None
    options: Annotated[TextOptions, tyro.conf.arg(name="")] = TextOptions()
