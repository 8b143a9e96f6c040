"""One way to do a job: refuse early, set JAX up, compute, write into a new folder, say what was done."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from jxai.cli.progress import progress_bars
from jxai.pipelines.devices import prepare
from jxai.pipelines.methods import require_known
from jxai.pipelines.progress import ProgressCallback
from jxai.report.pages import write_page
from jxai.report.sections import Page
from jxai.run.atomic import new_folder
from jxai.run.outputs import provenance, write_json

__all__ = ["Job", "Outcome", "require_model", "run_job", "versions", "write_outcome"]


@runtime_checkable
class Job(Protocol):
    """What the settings of every job have: where to write, and how many devices to use."""

    @property
    def out(self) -> Path | None:
        """The folder to write to."""
        ...

    @property
    def overwrite(self) -> bool:
        """Whether an earlier folder is replaced."""
        ...

    @property
    def devices(self) -> int | None:
        """CPU devices."""
        ...


class Outcome(NamedTuple):
    """What a job has computed, and how it is written.

    Attributes:
        method: what was computed.
        params: of the model.
        data: what was explained.
        seed: of the random numbers.
        write: writes the files into a folder, and returns the page of `report.html`, if there is to be one; it is
            called with the folder and the record of `provenance.json`.
        lines: what is printed when all of it is written.
        resolved: settings as they were understood, where they differ from what was typed.
        more: what else `provenance.json` says: `baseline`, `seconds`, ...
    """

    method: str
    params: Any
    data: Any
    seed: int
    write: Callable[[Path, Mapping[str, Any]], Page | None]
    lines: Sequence[str] = ()
    resolved: Mapping[str, Any] = {}
    more: Mapping[str, Any] = {}


def run_job(command: Job, compute: Callable[[ProgressCallback], Outcome]) -> None:
    """Do a job; nothing is written unless all of it succeeds.

    Args:
        command: the settings; without `out` nothing is written at all.
        compute: takes a function that draws progress bars.

    Raises:
        ValueError: the folder exists, or whatever else cannot be done, in one sentence.
    """
    if command.out is not None and command.out.exists() and not command.overwrite:
        raise ValueError(f"{command.out} exists; name another folder by --out, or replace it by --overwrite.")
    prepare(command.devices)
    with progress_bars() as progress:
        outcome = compute(progress)
    if command.out is not None:
        write_outcome(command.out, outcome, vars(command), overwrite=command.overwrite)
    for line in outcome.lines:
        print(line)


def write_outcome(out: Path, outcome: Outcome, arguments: Mapping[str, Any], *, overwrite: bool) -> dict[str, Any]:
    """Write the files of an outcome, where it comes from, and its page, into a new folder.

    Args:
        out: the folder.
        outcome: of the job.
        arguments: the settings as they were typed.
        overwrite: replace the folder if it exists.

    Returns:
        The record of where the outcome comes from.
    """
    record = provenance(
        method=outcome.method,
        arguments={**arguments, **outcome.resolved},
        params=outcome.params,
        data=outcome.data,
        seed=outcome.seed,
        **outcome.more,
    )
    with new_folder(out, overwrite=overwrite) as folder:
        page = outcome.write(folder, record)
        write_json(folder / "provenance.json", record)
        if page is not None:
            write_page(folder / "report.html", page)
    return record


def require_model(name: str | None, models: Iterable[str]) -> None:
    """Raise `ValueError` where an architecture is named that there is not."""
    if name is not None:
        require_known([name], models, "model")


def versions(record: Mapping[str, Any]) -> str:
    """The versions of a record, for the facts of a page."""
    return ", ".join(f"{package} {number}" for package, number in record["versions"].items())
