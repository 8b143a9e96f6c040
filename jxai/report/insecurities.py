"""Insecurities as pictures: a region that fits two classes, examples of both, and the parts that they share.

The input is plain arrays. `Deliberation` is a section of a page (`report.pages`), `figure` draws the same as a picture.
"""

import base64
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PIL import Image, ImageDraw

from jxai.report.pictures import rgb
from jxai.report.sections import Picture, Prediction

__all__ = [
    "Candidate", "Deliberation", "Insecurity", "Shared", "entry_coverage", "inside", "levels", "pack",
    "region",
]  # fmt: skip

STEPS = 200  # levels of an embedded map: half a percent of coverage each
LINE, EDGE, DOT = (255, 214, 51), (0, 0, 0), (0, 158, 115)


@dataclass(frozen=True, eq=False)
class Shared:
    """A part, or a kind of object, that both classes have.

    Attributes:
        name: such as `beak`.
        words: its attributes that the classes share, such as `shape hooked`.
        point: its position in this image, `(x, y)` in 0..1 of width and height; None if it is not visible.
    """

    name: str
    words: tuple[str, ...] = ()
    point: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Candidate:
    """One of the two classes: its name, the image's probability, and images of other examples of the class."""

    name: str
    probability: float | None = None
    examples: tuple[np.ndarray, ...] = ()


@dataclass(frozen=True, eq=False)
class Insecurity:
    """A region that could belong to two classes.

    Attributes:
        map: the ambiguity map [h, w], any finite numbers.
        mask: the region at the coverage of the report, [h', w'] bool.
        a: one class.
        b: the other.
        strength: the order of insecurities, the largest first.
        shared: parts or objects of both classes.
    """

    map: np.ndarray
    mask: np.ndarray
    a: Candidate
    b: Candidate
    strength: float
    shared: tuple[Shared, ...] = ()

    def __post_init__(self) -> None:
        """Refuse maps that cannot be ranked, and masks that are not boolean."""
        map, mask = np.asarray(self.map), np.asarray(self.mask)
        if map.ndim != 2 or 0 in map.shape or not np.isfinite(map).all():
            raise ValueError(f"Insecurity: expected a finite map [h, w], got shape {map.shape}.")
        if mask.ndim != 2 or mask.dtype != bool:
            raise ValueError(f"Insecurity: expected a mask [h, w] of bool, got {mask.dtype} of shape {mask.shape}.")


@dataclass(frozen=True, eq=False)
class Deliberation:
    """One image and its insecurities in order, the most ambiguous first.

    Attributes:
        title: heading.
        picture: the image, whole.
        predictions: the likeliest classes.
        insecurities: in the order of the page.
        difficulty: the name and value of the score, such as `hardness 0.71`.
        coverage: share of the image that the regions cover at the start, 0.01..0.9.
        text: a sentence about the whole.
    """

    kind: ClassVar[str] = "deliberation"
    title: str
    picture: Picture
    predictions: tuple[Prediction, ...]
    insecurities: tuple[Insecurity, ...]
    difficulty: str = ""
    coverage: float = 0.1
    text: str = ""

    def __post_init__(self) -> None:
        """Refuse a coverage outside the slider's range."""
        if not 0.01 <= self.coverage <= 0.9:
            raise ValueError(f"Deliberation: expected a coverage within 0.01..0.9, got {self.coverage}.")


def entry_coverage(map: np.ndarray) -> np.ndarray:
    """The smallest coverage at which a location belongs to the region, as `signal.insecurities.region` defines it.

    (1 + number of locations with at least its value) / number of locations. The region of coverage t is where this is
    at most t. Locations of equal value enter together.

    Args:
        map: [h, w].

    Returns:
        [h, w], above 0; above 1 for the smallest value, which is in no region.

    Example:
        >>> import numpy as np
        >>> entry_coverage(np.array([[4.0, 1.0], [1.0, 3.0]])).tolist()
        [[0.5, 1.25], [1.25, 0.75]]
    """
    map = np.asarray(map)
    # 1 +: a region is strictly above the value of rank int(coverage n), so it has one location fewer than that
    _, which, counts = np.unique(-map.ravel(), return_inverse=True, return_counts=True)
    return ((1 + np.cumsum(counts)[which]) / map.size).reshape(map.shape)


def levels(map: np.ndarray, *, side: int = 112) -> np.ndarray:
    """A map as small whole numbers: a page makes the region of any coverage from them without sorting.

    Args:
        map: [h, w].
        side: the longer side is reduced to this if it is larger (bilinear).

    Returns:
        uint8 [h', w'] in 1..255: a location belongs to the region of coverage t where `level <= 200 t`.

    Example:
        >>> import numpy as np
        >>> levels(np.array([[4.0, 1.0], [2.0, 3.0]])).tolist()
        [[100, 250], [200, 150]]
    """
    picture = Image.fromarray(np.asarray(_unit(map), np.float32))
    scale = side / max(picture.size)
    if scale < 1:
        width, height = (max(round(length * scale), 1) for length in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    # - 1e-6: a coverage that is a whole level must not round up to the next
    return np.ceil(STEPS * entry_coverage(np.asarray(picture)) - 1e-6).clip(1, 255).astype(np.uint8)


def pack(map: np.ndarray) -> dict[str, str | int]:
    """The levels of a map as base64 text for a page.

    Args:
        map: [h, w].

    Returns:
        `levels`, the bytes row by row in base64, and the numbers of rows `h` and columns `w`.

    Example:
        >>> import numpy as np
        >>> pack(np.array([[4.0, 1.0], [2.0, 3.0]]))
        {'levels': 'ZPrIlg==', 'h': 2, 'w': 2}
    """
    numbers = levels(map)
    return {"levels": base64.b64encode(numbers.tobytes()).decode(), "h": numbers.shape[0], "w": numbers.shape[1]}


def inside(mask: np.ndarray, point: tuple[float, float] | None) -> bool:
    """Whether a point lies in a region.

    Args:
        mask: [h, w] bool.
        point: `(x, y)` in 0..1, or None for no point.

    Example:
        >>> import numpy as np
        >>> inside(np.array([[False, True]]), (0.9, 0.5))
        True
    """
    if point is None:
        return False
    height, width = mask.shape
    return bool(mask[min(int(point[1] * height), height - 1), min(int(point[0] * width), width - 1)])


def region(
    image: np.ndarray, mask: np.ndarray, *, points: tuple[tuple[float, float], ...] = (), surround: str = "dimmed"
) -> np.ndarray:
    """A region on its image: outlined and dotted, the rest dimmed or hidden.

    Args:
        image: as `pictures.rgb` takes it.
        mask: [h', w'] bool of any size: enlarged to the image.
        points: dots, `(x, y)` in 0..1 of width and height.
        surround: how the rest appears, `dimmed` or `hidden`.

    Returns:
        uint8 RGB, size of the image.

    Raises:
        ValueError: the mask is not a boolean map, or the surround is unknown.

    Example:
        >>> import numpy as np
        >>> region(np.full((8, 8, 3), 200, np.uint8), np.eye(8, dtype=bool), surround="hidden")[0, 7].tolist()
        [127, 127, 127]
    """
    photograph, mask = rgb(image).astype(np.float64), np.asarray(mask)
    if mask.ndim != 2 or mask.dtype != bool:
        raise ValueError(f"region: expected a mask [h, w] of bool, got {mask.dtype} of shape {mask.shape}.")
    if surround not in ("dimmed", "hidden"):
        raise ValueError(f"region: expected surround 'dimmed' or 'hidden', got {surround!r}.")
    height, width = photograph.shape[:2]
    inner = _resize(mask, (height, width))
    rest = 0.4 * photograph if surround == "dimmed" else np.full_like(photograph, 127)
    picture = np.where(inner[..., None], photograph, rest)
    if surround == "dimmed":
        wide = max(round(min(height, width) / 160), 1)
        # A dark line outside, a bright one inside: visible on any ground
        picture[_dilate(inner, 1) & ~inner] = EDGE
        picture[inner & _dilate(~inner, wide)] = LINE
    return _draw_dots(picture.round().astype(np.uint8), points)


def _unit(map: np.ndarray) -> np.ndarray:
    """The map scaled to a largest magnitude of 1: products of three maps may be too small for float32."""
    map = np.asarray(map, np.float64)
    largest = np.abs(map).max()
    return map / largest if largest > 0 else map


def _resize(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The mask at another size, its outline smooth."""
    if mask.shape == size:
        return mask
    picture = Image.fromarray(mask.astype(np.float32)).resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return np.asarray(picture) > 0.5


def _dilate(mask: np.ndarray, by: int) -> np.ndarray:
    """All locations within `by` rows and columns of the mask."""
    height, width = mask.shape
    wide = np.pad(mask, by)
    # A square is separable: first the rows, then the columns
    rows = np.any([wide[i : i + height] for i in range(2 * by + 1)], axis=0)
    return np.any([rows[:, j : j + width] for j in range(2 * by + 1)], axis=0)


def _draw_dots(image: np.ndarray, points: tuple[tuple[float, float], ...]) -> np.ndarray:
    picture = Image.fromarray(image)
    draw, radius = ImageDraw.Draw(picture), max(min(picture.size) / 45, 1.5)
    for x, y in points:
        place = x * picture.width, y * picture.height
        draw.circle(place, radius, fill=DOT, outline=(255, 255, 255), width=max(round(radius / 3), 1))
    return np.asarray(picture)
