"""The settings that experiments have in common, and how a wrong name in a setting is refused."""

import dataclasses
import pathlib
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from experiments.experiment.paths import RESULTS

__all__ = ["Settings", "require_known"]


@dataclasses.dataclass(frozen=True)
class Settings:
    """The settings of every experiment that stores its results by name in one file.

    Attributes:
        table: folder of the results.
        keep: keep the results that the file has under other names.
        called: added to the name of each result, to distinguish it from results with other settings.
        full: run the experiment at the paper's size.
    """

    FULL: ClassVar[dict[str, Any]] = {}

    table: pathlib.Path = RESULTS
    keep: bool = False
    called: str = ""
    full: bool = False

    def resolved(self) -> Self:
        """The settings that are used: with `full`, those of the paper's size."""
        return dataclasses.replace(self, **self.FULL) if self.full else self

    def name(self, *parts: str) -> str:
        """The name of a result, such as "birds, small CNN, trained longer".

        Example:
            >>> Settings(called="trained longer").name("birds", "small CNN")
            'birds, small CNN, trained longer'
        """
        return ", ".join([*parts, self.called] if self.called else parts)


def require_known(setting: str, names: Iterable[str], choices: Iterable[str]) -> None:
    """Ends the experiment if a setting contains a name that is not among the choices.

    Args:
        setting: name of the setting.
        names: its value.
        choices: the names that exist.

    Raises:
        SystemExit: with the first unknown name.

    Example:
        >>> require_known("sets", ("birds",), ("birds", "scenes"))
    """
    choices = tuple(choices)
    for name in names:
        if name not in choices:
            raise SystemExit(f"--{setting}: expected some of {', '.join(map(repr, choices))}, got {name!r}")
