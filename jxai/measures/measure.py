"""What a row of the table of measures says."""

import dataclasses
from collections.abc import Callable
from typing import Literal

__all__ = ["Measure"]


@dataclasses.dataclass(frozen=True)
class Measure:
    """A measure of `jxai.metrics`, and the facts that command line, reports, tests and documentation need.

    Attributes:
        name: as `jxai.metrics` and the command line call it.
        function: the measure, or of a score the function that makes it.
        family: one of `FAMILIES`.
        title: as tables call it.
        paper: authors and year; empty where it is ours.
        better: which values are better.
        range: the least and the greatest value; None: unbounded, or in units of the score.
        of: what is measured: a "map" over the places of an example; the "attribution" as the method returns it; a
            "mask" in 0..1; or anything else.
        needs: what it needs besides, such as a "score", a "region" of the picture, or "marks" that people made.
        inputs: arrays that it takes by keyword and can do without.
        absent: what stands for absent places of a picture: "mean" colour or "blur"; "explained": the baseline that the
            explanation had; empty: nothing is replaced.
        reading: what a value means, for reports; `{absent}` and `{object}` are filled in.
    """

    name: str
    function: Callable
    family: str
    title: str
    paper: str = ""
    better: Literal["higher", "lower"] = "higher"
    range: tuple[float | None, float | None] = (None, None)
    of: str = "map"
    needs: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    absent: Literal["", "mean", "blur", "explained"] = ""
    reading: str = ""

    @property
    def description(self) -> str:
        """One line: the first of the function's docstring."""
        return (self.function.__doc__ or "").partition("\n")[0]

    @property
    def by_name(self) -> bool:
        """Whether a model and an explanation are enough to measure it: no ground truth is needed."""
        return self.of in ("map", "attribution", "mask") and set(self.needs) <= {"score"}
