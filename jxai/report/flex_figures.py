"""Sentences as pictures, as Figures 6 to 11 of the paper.

Words that name the decision's features are bold, coloured and underlined: they stand out without colour too.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.patheffects import Normal, Stroke

from jxai.report.colours import PALETTE
from jxai.report.drawing import LINE, Piece, Sheet, flow, length, shorten
from jxai.report.flex import Justification, Sentence, WordMap
from jxai.report.labels import Place, labels
from jxai.report.pictures import enlarge, overlay

__all__ = ["annotation_figure", "mistake_figure", "sentences_figure", "words_figure"]

SIDE = 1.75  # inches of a photograph
GAP = 0.08  # inches between pictures


def sentences_figure(
    justifications: Sequence[Justification], *, width: float | int = 8.0, dpi: int = 130
) -> np.ndarray:
    """Images with their class activation maps, and beside each the sentences of all methods.

    Args:
        justifications: from top to bottom; without a map the photograph is alone.
        width: in inches.
        dpi: pixels per inch.

    Returns:
        uint8 RGB.

    Reference:
        Wickramanayake, Hsu and Lee 2019, "FLEX: Faithful Linguistic EXplanations for neural net based model
        decisions", Figures 6, 7 and 10.

    Example:
        >>> import numpy as np
        >>> from jxai.report.flex import Word
        >>> from jxai.report.sections import Picture
        >>> photo, sentence = Picture(np.zeros((8, 8, 3), np.uint8), ""), Sentence((Word("red", True), Word(".")))
        >>> justification = Justification("one", photo, "This is a gull because", "gull", (sentence,))
        >>> sentences_figure([justification], dpi=40).shape[1]
        320
    """
    if not justifications:
        raise ValueError("sentences_figure: expected a justification or more, got none.")
    pictures = [_photograph_and_heat(justification) for justification in justifications]
    # One left margin for all rows, so that the texts are aligned
    left = max(sum(_width(picture) + GAP for picture in row) for row in pictures) + 0.2
    width = max(width, left + 3.0)
    paragraphs = [_paragraph(justification, width - left - 0.15) for justification in justifications]
    heights = [max(SIDE + 0.12, LINE * (len(lines) + 0.8)) for lines in paragraphs]
    sheet = Sheet(width, sum(heights) + GAP, dpi)
    top = sum(heights) + GAP / 2
    for row, lines, height in zip(pictures, paragraphs, heights, strict=True):
        x = GAP
        for picture in row:
            sheet.put(picture, x, top - SIDE - 0.06, _width(picture), SIDE)
            x += _width(picture) + GAP
        sheet.write(lines, left, top - max((SIDE + 0.12 - LINE * len(lines)) / 2, 0.06))
        top -= height
    return sheet.render()


def mistake_figure(justification: Justification, *, most: int = 3, dpi: int = 130) -> np.ndarray:
    """The sentences, the image with its true class, and typical images of the predicted class.

    Args:
        justification: of a class with typical images.
        most: typical images, at most.
        dpi: pixels per inch.

    Returns:
        uint8 RGB.

    Raises:
        ValueError: there are no typical images.

    Reference:
        Figures 8 and 9; otherwise as `sentences_figure`.
    """
    if not justification.typical:
        raise ValueError(f"mistake_figure: expected typical images of {justification.label}, got none.")
    pictures = [enlarge(image) for image in (justification.picture.image, *justification.typical[:most])]
    widths = [_width(picture) for picture in pictures]
    width = max(sum(widths) + GAP * len(widths) + 0.4, 4.4)
    lines = _paragraph(justification, width - 0.2)
    sheet = Sheet(width, LINE * len(lines) + SIDE + 0.5, dpi)
    sheet.write(lines, 0.1, LINE * len(lines) + SIDE + 0.42)
    begins = 0.1 + np.cumsum([0, widths[0] + 0.3, *(across + GAP for across in widths[1:-1])])
    for picture, x, across in zip(pictures, begins, widths, strict=True):
        sheet.put(picture, float(x), 0.3, across, SIDE)
    names = justification.truth or "the image", f"typical images of {justification.label}"
    rooms = widths[0] + 0.25, width - float(begins[1]) - 0.05
    for letter, name, x, room in zip("ab", names, begins, rooms, strict=False):
        sheet.text(shorten(f"({letter}) {name}", room), float(x), 0.15)
    return sheet.render()


def words_figure(image: np.ndarray, maps: Sequence[WordMap], *, across: int = 4, dpi: int = 130) -> np.ndarray:
    """The image and the heat map of each word.

    Args:
        image: as `pictures.rgb` takes it.
        maps: one for each word.
        across: pictures in a line.
        dpi: pixels per inch.

    Returns:
        uint8 RGB.

    Raises:
        ValueError: there is no word.

    Reference:
        "Annotate decision relevant features", Figure 5 (right) and Figure 11; otherwise as `sentences_figure`.

    Example:
        >>> import numpy as np
        >>> words_figure(np.zeros((8, 8, 3), np.uint8), [WordMap("beak", np.eye(4))], dpi=30).dtype.name
        'uint8'
    """
    if not maps:
        raise ValueError("words_figure: expected a word with its map or more, got none.")
    image = enlarge(image)
    tiles = [(image, "", ""), *((overlay(image, each.map, signed=False), each.word, each.detail) for each in maps)]
    wide, high, across = max(_width(image), 1.2) + 0.12, SIDE + 0.5, min(across, len(tiles))
    rows = -(-len(tiles) // across)
    sheet = Sheet(across * wide + 0.1, rows * high + 0.05, dpi)
    for k, (picture, word, detail) in enumerate(tiles):
        x, y = 0.1 + wide * (k % across), high * (rows - 1 - k // across)
        sheet.put(picture, x, y + 0.42, _width(picture), SIDE)
        sheet.text(shorten(word, wide - 0.12, bold=True), x, y + 0.29, bold=True)
        sheet.text(shorten(detail, wide - 0.12, size=6.5), x, y + 0.12, size=6.5, color="#444444")
    return sheet.render()


def annotation_figure(image: np.ndarray, places: Sequence[Place], *, dpi: int = 130) -> np.ndarray:
    """The image with points on its parts; lines lead to the words beside it.

    Args:
        image: as `pictures.rgb` takes it.
        places: points with words; none leaves the image alone.
        dpi: pixels per inch.

    Returns:
        uint8 RGB.

    Reference:
        Figure 11; otherwise as `sentences_figure`.

    Example:
        >>> import numpy as np
        >>> annotation_figure(np.zeros((8, 8, 3), np.uint8), [Place("beak", (0.2, 0.3))], dpi=40).shape[2]
        3
    """
    image, high = enlarge(image), 1.6 * SIDE
    placed_labels = labels(places, gap=0.17 / high)
    left, right = (
        0.2 + max((length(label.word) for label in placed_labels if label.left == at), default=0.0) for at in (1, 0)
    )
    wide = high * image.shape[1] / image.shape[0]
    sheet = Sheet(left + wide + right, high + 0.12, dpi)
    sheet.put(image, left, 0.06, wide, high)
    # A white halo: black lines stay visible on dark pictures
    halo = [Stroke(linewidth=2.8, foreground="white"), Normal()]
    for label in placed_labels:
        x, y = left + label.point[0] * wide, 0.06 + (1 - label.point[1]) * high
        end, height = (left - 0.08 if label.left else left + wide + 0.08), 0.06 + (1 - label.y) * high
        sheet.line((x, end), (y, height), color="black", linewidth=0.9, path_effects=halo)
        sheet.line((x,), (y,), marker="o", markersize=6, markerfacecolor=PALETTE[2], markeredgecolor="white", zorder=6)
        sheet.text(label.word, end + (-0.04 if label.left else 0.04), height, ha="right" if label.left else "left")
    return sheet.render()


def _photograph_and_heat(justification: Justification) -> list[np.ndarray]:
    image = enlarge(justification.picture.image)
    return [image] if justification.heat is None else [image, overlay(image, justification.heat, signed=False)]


def _width(picture: np.ndarray) -> float:
    """Width in inches of a picture of height `SIDE`."""
    return SIDE * picture.shape[1] / picture.shape[0]


def _paragraph(justification: Justification, width: float) -> list[list[Piece]]:
    lines = flow([Piece("", justification.claim, True)], width)
    for sentence in justification.sentences:
        lines += flow(_line(sentence), width)
    return lines


def _line(sentence: Sentence) -> list[Piece]:
    first, *rest = sentence.with_spaces
    words = [(" ", first[1]), *rest]
    return [Piece("", f"{sentence.method}:", True), *(Piece(gap, w.text, w.decisive, w.decisive) for gap, w in words)]
