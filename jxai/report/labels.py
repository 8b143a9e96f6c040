"""Words beside a picture for points on it, arranged so that none hides another or the picture."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Label", "Place", "labels"]

LONGEST = 16  # letters of a label


@dataclass(frozen=True)
class Place:
    """A point on an image, `(x, y)` in 0..1 of width and height, and its word."""

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
        left: whether it is left of the picture; else right.
        y: distance of the word's middle from the top, in 0..1 of the picture.
    """

    word: str
    point: tuple[float, float]
    left: bool
    y: float


def labels(places: Sequence[Place], *, gap: float | int = 0.09) -> tuple[Label, ...]:
    """Positions of words beside a picture, without overlaps.

    A word is on the side that its point is nearer to, as long as that side has room, and as near to its point's height
    as the others allow. On each side the words are in the order of their points, so that lines rarely cross.

    Args:
        places: points with words.
        gap: smallest distance of two words, in heights of the picture; reduced where a side could not hold them.

    Returns:
        A label for each place, those on the left first, from top to bottom.

    Example:
        >>> [round(label.y, 2) for label in labels([Place("eye", (0.1, 0.5)), Place("beak", (0.2, 0.52))])]
        [0.47, 0.56]
    """
    from_left = sorted(places, key=lambda place: place.point[0])
    left = sum(place.point[0] < 0.5 for place in from_left)
    # A side holds 1 / gap words, or half of them if there are more than both sides hold
    room = max(int(1 / gap), -(-len(from_left) // 2))
    left = min(max(left, len(from_left) - room), room)
    return _column(from_left[:left], True, gap) + _column(from_left[left:], False, gap)


def _column(places: Sequence[Place], left: bool, gap: float) -> tuple[Label, ...]:
    places = sorted(places, key=lambda place: place.point[1])
    heights = _move_apart([place.point[1] for place in places], gap)
    return tuple(
        Label(textwrap.shorten(place.word, LONGEST, placeholder="…"), place.point, left, y)
        for place, y in zip(places, heights, strict=True)
    )


def _move_apart(heights: Sequence[float], gap: float) -> list[float]:
    """Ascending heights moved apart to at least `gap`, with a margin of half a gap in 0..1, each as little as possible.

    Groups that touch are merged at the mean of their desired positions (pool adjacent violators, isotonic regression).
    """
    gap = min(gap, 1 / max(len(heights), 1))
    groups: list[list[float]] = []  # [sum of desired beginnings, members]
    for k, height in enumerate(heights):
        # - k gap: with the gaps taken out, "apart by gap" becomes "in ascending order"
        groups.append([min(max(height, gap / 2), 1 - gap / 2) - k * gap, 1])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, members = groups.pop()
            groups[-1] = [groups[-1][0] + total, groups[-1][1] + members]
    begins = [total / members for total, members in groups for _ in range(int(members))]
    return [
        min(max(begin, gap / 2), 1 - gap / 2 - (len(heights) - 1) * gap) + k * gap for k, begin in enumerate(begins)
    ]
