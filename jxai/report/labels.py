"""Words beside a picture for points on it: where each stands, so that none hides another or the picture."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Label", "Place", "labels"]

LONGEST = 16  # letters of a label


@dataclass(frozen=True)
class Place:
    """A point on an image, `(x, y)` in 0..1 of width and height, and the word for what is there."""

    word: str
    point: tuple[float, float]

    def __post_init__(self) -> None:
        """Refuse points outside the image."""
        if not all(0 <= number <= 1 for number in self.point):
            raise ValueError(f"Place {self.word!r}: expected a point (x, y) within 0..1, got {self.point}.")


@dataclass(frozen=True)
class Label:
    """A word beside a picture, at the end of a line from its point.

    Attributes:
        word: shortened where it is long.
        point: `(x, y)` in 0..1 of the picture.
        left: whether it stands left of the picture; else right.
        y: height of the middle of the word, in 0..1 of the picture from above.
    """

    word: str
    point: tuple[float, float]
    left: bool
    y: float


def labels(places: Sequence[Place], *, gap: float | int = 0.09) -> tuple[Label, ...]:
    """Where the words of places stand beside a picture, so that none lies on another or on the picture.

    A word stands on the side that its point is nearer to, as long as that side has room, and as near to its point's
    height as the others let it; on each side the words have the order of their points, so that lines rarely cross.

    Args:
        places: points with words.
        gap: least distance of two words, in heights of the picture; smaller where one side could not hold them.

    Returns:
        A label for each place, left ones first, from above.

    Example:
        >>> [round(label.y, 2) for label in labels([Place("eye", (0.1, 0.5)), Place("beak", (0.2, 0.52))])]
        [0.47, 0.56]
    """
    ordered = sorted(places, key=lambda place: place.point[0])
    left = sum(place.point[0] < 0.5 for place in ordered)
    room = max(int(1 / gap), -(-len(ordered) // 2))
    left = min(max(left, len(ordered) - room), room)
    return _column(ordered[:left], True, gap) + _column(ordered[left:], False, gap)


def _column(places: Sequence[Place], left: bool, gap: float) -> tuple[Label, ...]:
    places = sorted(places, key=lambda place: place.point[1])
    heights = _apart([place.point[1] for place in places], gap)
    return tuple(
        Label(textwrap.shorten(place.word, LONGEST, placeholder="…"), place.point, left, y)
        for place, y in zip(places, heights, strict=True)
    )


def _apart(heights: Sequence[float], gap: float) -> list[float]:
    """Ascending numbers moved apart by `gap` and within 0..1 with half a gap of margin, each as little as needed.

    Groups that touch are moved together to the mean of their wishes (as in isotonic regression).
    """
    gap = min(gap, 1 / max(len(heights), 1))
    groups: list[list[float]] = []  # [sum of wished beginnings, members]
    for k, height in enumerate(heights):
        groups.append([min(max(height, gap / 2), 1 - gap / 2) - k * gap, 1])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, members = groups.pop()
            groups[-1] = [groups[-1][0] + total, groups[-1][1] + members]
    begins = [total / members for total, members in groups for _ in range(int(members))]
    return [
        min(max(begin, gap / 2), 1 - gap / 2 - (len(heights) - 1) * gap) + k * gap for k, begin in enumerate(begins)
    ]
