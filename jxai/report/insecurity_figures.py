"""An insecurity as one picture, as Figures 3 and 4 of the paper: region, examples of both classes, shared parts."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from jxai.report.insecurities import Insecurity, Shared, inside, region
from jxai.report.pictures import enlarge, rgb

__all__ = ["figure"]

WORDS = 30  # letters in a line of the words


def figure(image: np.ndarray, insecurity: Insecurity, *, examples: int = 2, dpi: int = 130) -> np.ndarray:
    """The region on its image, examples of the two classes, and the parts that they share within the region.

    A shared part is listed if its point lies in the region. If no part has a point (objects of scenes without masks),
    all are listed.

    Args:
        image: the whole image, as `pictures.rgb` takes it.
        insecurity: with the region of its mask.
        examples: largest number of images of each class.
        dpi: pixels per inch.

    Returns:
        uint8 RGB, about 2.6 inches high.

    Reference:
        Wang and Vasconcelos 2019, "Deliberative explanations", Figures 3 and 4.

    Example:
        >>> import numpy as np
        >>> from jxai.report.insecurities import Candidate
        >>> grey, map = np.full((8, 8, 3), 127, np.uint8), np.eye(8)
        >>> insecurity = Insecurity(map, map > 0, Candidate("gull"), Candidate("tern"), 0.5)
        >>> figure(grey, insecurity, dpi=30).shape[2]
        3
    """
    sides = [side.examples[:examples] for side in (insecurity.a, insecurity.b)]
    columns, parts = max(map(len, sides)), _within_region(insecurity)
    widths = [2.3, *[1.08] * max(columns, 2), 2.1 if parts else 0.1]
    picture = Figure((sum(widths) + 0.4, 2.75), dpi=dpi, facecolor="white")
    places = picture.add_gridspec(2, len(widths), width_ratios=widths, left=0.02, right=0.98, bottom=0.02, top=0.89,
                                hspace=0.28, wspace=0.08)  # fmt: skip
    points = tuple(part.point for part in parts if part.point)
    _show(picture.add_subplot(places[:, 0]), region(enlarge(image), insecurity.mask, points=points), "Insecurity")
    for row, (side, images) in enumerate(zip((insecurity.a, insecurity.b), sides, strict=True)):
        for column in range(max(columns, 1)):
            axis = picture.add_subplot(places[row, 1 + column])
            _show(axis, _square(images[column]) if column < len(images) else None, "")
            if column == 0:
                axis.set_title(textwrap.shorten(side.name, 34, placeholder="…"), fontsize=8, loc="left")
    if parts:
        _words(picture.add_subplot(places[:, -1]), parts)
    canvas = FigureCanvasAgg(picture)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _within_region(insecurity: Insecurity) -> tuple[Shared, ...]:
    """The shared parts within the region."""
    if all(part.point is None for part in insecurity.shared):
        return insecurity.shared
    return tuple(part for part in insecurity.shared if inside(insecurity.mask, part.point))


def _show(axis, image: np.ndarray | None, title: str) -> None:
    axis.set_axis_off()
    axis.set_anchor("N")
    axis.set_title(title, fontsize=8, loc="left")
    if image is not None:
        axis.imshow(image, interpolation="lanczos")


def _square(image: np.ndarray) -> np.ndarray:
    """The middle of an example."""
    image = rgb(image)
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


def _words(axis, parts: Sequence[Shared]) -> None:
    """The shared parts, each with its attributes, as many as the picture holds."""
    axis.set_axis_off()
    axis.set_title("Shared", fontsize=8, loc="left")
    lines: list[tuple[str, bool]] = []
    for part in parts:
        lines.append((textwrap.shorten(part.name, WORDS, placeholder="…"), True))
        for word in part.words:
            lines += [(f"{'• ' if i == 0 else '  '}{text}", False) for i, text in enumerate(textwrap.wrap(word, WORDS))]
    most = 14  # lines of 7.5 points that fit into the height of the picture
    lines = lines if len(lines) <= most else [*lines[: most - 1], ("…", False)]
    for k, (line, strong) in enumerate(lines):
        axis.text(0.04, 0.99 - k / most, line, fontsize=7.5, va="top", weight="bold" if strong else "normal",
                  color="#00694c" if strong else "black", transform=axis.transAxes)  # fmt: skip
