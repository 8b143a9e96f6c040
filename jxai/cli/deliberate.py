"""`jxai deliberate`: the insecurities of photographs, or of test images of a run."""

from collections.abc import Mapping
from pathlib import Path

from jxai.cli.deliberate_report import DeliberationReport, summary, write_image
from jxai.cli.insecurities import insecurities_of, output_names, require_pictures
from jxai.cli.job import Outcome, require_model, run_job, versions
from jxai.cli.settings.deliberate import Deliberate
from jxai.models import MODELS
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.insecurity_options import require_settings
from jxai.pipelines.progress import ProgressCallback
from jxai.report.sections import Page

__all__ = ["run"]

ABOUT = (
    "A region of an insecurity is where the product of three attributions is largest: for one class, for another, and "
    "for the difficulty of the decision (Wang and Vasconcelos 2019). Insecurities are in the order of their strength, "
    "the mean of that product over its positive part."
)


def run(command: Deliberate) -> None:
    """Explain the insecurities; nothing is written unless all of it succeeds.

    Raises:
        ValueError: whatever of the command cannot be done, in one sentence.
    """
    require_settings(command.deliberation)
    if command.most < 1:
        raise ValueError(f"--most: expected at least one insecurity, got {command.most}.")
    require_model(command.model, MODELS)
    require_pictures(command.photos, command.hardest, command.run_images.test)
    run_job(command, lambda progress: _deliberate(command, progress))


def _deliberate(command: Deliberate, progress: ProgressCallback) -> Outcome:
    loaded = load_weights(command.model, command.weights)
    names, settings = output_names(loaded, command.labels), command.deliberation
    pictures = insecurities_of(
        command, command.weights, loaded, names, progress, chunk=command.chunk, per_device=command.per_device
    )
    report = DeliberationReport(
        pictures, names, loaded.model.label_offset, command.most, settings.compete, settings.coverage, settings.score
    )
    images = range(len(pictures.subjects.names))
    difficulty = pictures.difficulty.name

    def write(folder: Path, record: Mapping) -> Page:
        sections = tuple(write_image(folder, report, k) for k in images)
        facts = {"Model": f"{command.model or ''} {command.weights.name}".strip(), "Difficulty": difficulty}
        facts |= {"Layer": str(command.at or loaded.model.features), "Versions": versions(record)}
        return Page("Insecurities", sections, lead=ABOUT, facts=facts)

    lines = [summary(report, k) for k in images]
    lines.append(f"{command.out / 'report.html'}: insecurities of {len(images)} pictures")
    return Outcome(
        "deliberative", loaded.params, pictures.subjects.images, command.seed, write, lines,
        more={"difficulty": difficulty},
    )  # fmt: skip
