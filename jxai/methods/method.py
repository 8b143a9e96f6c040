"""What a row of the table of methods says."""

import dataclasses
from collections.abc import Callable
from typing import Literal

__all__ = ["MAPS", "Method", "Shape"]

Shape = Literal["x", "places", "layer", "space", "tokens", "classes", "estimate", "insecurities", "score"]
MAPS = ("x", "places", "layer", "space", "tokens")
"""The shapes of a result that is one attribution."""


@dataclasses.dataclass(frozen=True)
class Method:
    """A method of the face, and the facts that command line, tests, benchmarks and documentation need.

    Attributes:
        name: as the face and the command line call it.
        function: which makes the explainer.
        family: one of `jxai.methods.FAMILIES`.
        title: as the papers call it.
        paper: authors and year; empty where it is folklore.
        takes: what the function takes first: a score, another explainer, or a function with any outputs.
        over: where it takes an explainer, the method that it builds on unless another is named.
        requires: options that cannot be left out, besides `at`.
        at: whether it takes a layer: "required"; "preferred" (explains the input without one, but by name goes to the
            last feature map); "optional" (chooses layers itself); empty: no layer.
        inputs: arrays that the explainer takes by keyword and can do without.
        needs: arrays that it cannot do without.
        draws: whether it needs a key.
        scores: the only kinds of score that it explains (`jxai.scores`), the usual one first; empty: any.
        shape: of the result: that of "x"; "places" (`[*space]` of x, a vector's own); "layer"; "space" (of the layer);
            "tokens"; "classes" (a map for each); "estimate" (maps with errors); "insecurities"; or another "score".
        mask: whether the result is a mask in 0..1.
        count: its option for the number of evaluations; empty where their number is given.
        chunk: whether it has the option `chunk`, the most evaluations side by side.
        blurs: whether absence is a blur where no baseline is given; else zeros.
        integers: whether x may hold whole numbers (tokens, pixels), because nothing is differentiated by it.
        trees: whether x may be several arrays, a pytree; else the method works on the space of one.
        space: whether it has the option `space`, how many axes of x are space.
        options: its other options.
    """

    name: str
    function: Callable
    family: str
    title: str
    paper: str = ""
    takes: Literal["score", "explainer", "function"] = "score"
    over: str = ""
    requires: tuple[str, ...] = ()
    at: Literal["", "required", "preferred", "optional"] = ""
    inputs: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    draws: bool = False
    scores: tuple[str, ...] = ()
    shape: Shape = "x"
    mask: bool = False
    count: str = ""
    chunk: bool = False
    blurs: bool = False
    integers: bool = False
    trees: bool = True
    space: bool = False
    options: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """One line: the first of the function's docstring."""
        return (self.function.__doc__ or "").partition("\n")[0]

    @property
    def settings(self) -> frozenset[str]:
        """The names of all its options."""
        marks = {"at": self.at, "chunk": self.chunk, "space": self.space}
        own = (*self.requires, *self.options, self.count, *(name for name, has in marks.items() if has))
        return frozenset(name for name in own if name)

    @property
    def by_name(self) -> bool:
        """Whether a name and a model are enough to explain one input by one map."""
        return self.takes != "function" and not self.requires and self.shape in MAPS
