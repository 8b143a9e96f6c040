"""Figures laid out in inches from the lower left corner: pictures, lines, and text with line breaks."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D

from jxai.report.colours import PALETTE

__all__ = ["LINE", "SIZE", "Piece", "Sheet", "flow", "length", "shorten"]

SIZE, LINE = 9.0, 0.175  # points of the letters, inches from line to line
MARK = PALETTE[0]


class Piece(NamedTuple):
    """Text without line breaks of its own.

    Attributes:
        before: a space, or nothing where the text follows the piece before it directly.
        text: the text; lines may break at its spaces.
        bold: whether it is bold.
        highlighted: whether it is coloured and underlined.
        x: inches from the beginning of its line.
    """

    before: str
    text: str
    bold: bool = False
    highlighted: bool = False
    x: float = 0.0


class Sheet:
    """A white sheet; positions and sizes are in inches."""

    def __init__(self, width: float, height: float, dpi: int) -> None:
        """An empty sheet."""
        self.figure = Figure((width, height), dpi=dpi, facecolor="white")
        self.width, self.height = (float(inches) for inches in self.figure.get_size_inches())

    def put(self, image: np.ndarray, x: float, y: float, width: float, height: float) -> None:
        """A picture, from its lower left corner."""
        axis = self.figure.add_axes((x / self.width, y / self.height, width / self.width, height / self.height))
        axis.set_axis_off()
        axis.imshow(image, interpolation="lanczos", aspect="auto")

    def text(self, text: str, x: float, y: float, *, bold: bool = False, size: float = SIZE, **how) -> None:
        """A line of text; dollar signs are literal."""
        style = {"va": "center", "color": "black", "parse_math": False, **how}
        weight = "bold" if bold else "normal"
        self.figure.text(x / self.width, y / self.height, text, fontsize=size, weight=weight, **style)

    def line(self, xs: Sequence[float], ys: Sequence[float], **how) -> None:
        """A line through points, on top of everything before it."""
        across, up = (
            [number / length for number in numbers] for numbers, length in ((xs, self.width), (ys, self.height))
        )
        self.figure.add_artist(Line2D(across, up, transform=self.figure.transFigure, **{"zorder": 5, **how}))

    def write(self, lines: Sequence[Sequence[Piece]], x: float, top: float) -> None:
        """Lines of text from their upper left corner."""
        for k, line in enumerate(lines):
            y = top - LINE * (k + 0.75)
            for piece in line:
                color = MARK if piece.highlighted else "black"
                self.text(piece.text, x + piece.x, y, bold=piece.bold, color=color, va="baseline")
                if piece.highlighted:
                    begin = x + piece.x
                    self.line((begin, begin + length(piece.text, bold=piece.bold)), (y - 0.03,) * 2, color=MARK, lw=1)

    def render(self) -> np.ndarray:
        """The sheet as uint8 RGB."""
        # The canvas without pyplot: no global state, safe in threads and in servers without a display
        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()  # the buffer belongs to the canvas


@cache
def length(text: str, *, size: float = SIZE, bold: bool = False) -> float:
    """The length of a text in inches.

    Example:
        >>> length("wren") < length("wren", bold=True) < length("a wren")
        True
    """
    # Measured at 144 dpi, not the figure's: one cached length for all resolutions
    font = FontProperties(weight="bold" if bold else "normal", size=size)
    return RendererAgg(1, 1, 144).get_text_width_height_descent(text, font, False)[0] / 144


def shorten(text: str, width: float, *, size: float = SIZE, bold: bool = False) -> str:
    """A text, shortened where it is longer than `width` inches.

    Example:
        >>> shorten("a bird with a very long name", 1.0)
        'a bird with a…'
    """
    if length(text, size=size, bold=bold) <= width:
        return text
    versions = (f"{text[:k].rstrip()}…" for k in range(len(text) - 1, 0, -1))
    return next((text for text in versions if length(text, size=size, bold=bold) <= width), "")


def flow(pieces: Sequence[Piece], width: float) -> list[list[Piece]]:
    """Text broken into lines of at most `width` inches; punctuation stays with its word.

    Example:
        >>> lines = flow([Piece("", "a red"), Piece(" ", "bird"), Piece("", ".")], 0.6)
        >>> [[piece.text for piece in line] for line in lines]
        [['a', 'red'], ['bird', '.']]
    """
    lines: list[list[Piece]] = []
    x = 0.0
    for unit in _units([word for piece in pieces for word in _words(piece)]):
        # No space at the beginning of a line
        space = length(" ") if lines and lines[-1] and unit[0].before else 0.0
        if not lines or (unit[0].before and x + space + sum(length(p.text, bold=p.bold) for p in unit) > width):
            lines.append([])
            x = space = 0.0
        x += space
        for piece in unit:
            lines[-1].append(piece._replace(x=x))
            x += length(piece.text, bold=piece.bold)
    return lines


def _words(piece: Piece) -> list[Piece]:
    """A piece of several words as one piece for each word."""
    return [piece._replace(before=" " if k else piece.before, text=word) for k, word in enumerate(piece.text.split())]


def _units(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Groups of pieces without a line break inside."""
    units: list[list[Piece]] = []
    for piece in pieces:
        if piece.before or not units:
            units.append([])
        units[-1].append(piece)
    return units
