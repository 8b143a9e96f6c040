"""Figure 1 of `experiments.marc_text`: texts with people's marks and the rationales of the methods."""

import pathlib

import numpy as np
from matplotlib.colors import to_hex
from PIL import Image, ImageDraw, ImageFont

from experiments.marc_text.data import Texts
from experiments.marc_text.table import Explained
from jxai.report.colours import DIVERGING, ink
from jxai.report.pages import write_page
from jxai.report.pictures import save_png
from jxai.report.sections import Page, Passage, Words, WordsGroup

__all__ = ["drawing", "write_figure"]

SIDE, SIZE, INK = 900, 15, (27, 35, 48)


def write_figure(folder: pathlib.Path, texts: Texts, explained: dict[str, Explained], *, shown: int) -> None:
    """Figure 1: people's marks and the rationales of the methods, as a page and a picture of each text.

    Args:
        folder: of the files.
        texts: the texts.
        explained: by method.
        shown: texts in the figure, at most.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sections = []
    for i in range(min(shown, len(texts.whole))):
        text, count = texts.whole[i], len(texts.whole[i].words)
        maps = [Words(text.words, texts.gold[i, :count].astype(float), "people's marks")]
        maps += [Words(text.words, each.words[i, :count], row) for row, each in explained.items()]
        title = f"Text {texts.ids[i]}: {texts.classes[texts.labels[i]]}"
        sections.append(Passage(title, (), (WordsGroup("Values from 0 to 1 in each text", tuple(maps)),)))
        drawn = [drawing(words) for words in maps if words.caption in ("people's marks", "MaRC", "Occlusion", "LIME")]
        save_png(folder / f"marc_text_{texts.ids[i]}.png", np.concatenate(drawn))
    write_page(folder / "marc_text.html", Page("Rationales of texts", tuple(sections)))


def drawing(words: Words, *, width: int = SIDE) -> np.ndarray:
    """Highlighted words as a picture `[h, w, 3]`, 0..1: values of 0..1 from white to vermilion."""
    font = ImageFont.load_default(SIZE)
    measure = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    line, x, y, boxes = SIZE + 10, 12, SIZE + 22, []
    for word, value in zip(words.words, words.values, strict=True):
        long = measure.textlength(word, font=font)
        if x + long > width - 12:
            x, y = 12, y + line
        boxes.append((x, y, long, word, float(np.clip(value, 0, 1))))
        x += long + 6
    picture = Image.new("RGB", (width, y + line + 6), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((12, 6), words.caption, fill=INK, font=ImageFont.load_default(SIZE + 2))
    for x, y, long, word, value in boxes:
        colour = DIVERGING(0.5 + 0.4 * value)
        draw.rectangle((x - 3, y - 2, x + long + 3, y + SIZE + 4), fill=to_hex(colour))
        draw.text((x, y), word, fill=ink(colour), font=font)
    return np.asarray(picture, np.float32) / 255
