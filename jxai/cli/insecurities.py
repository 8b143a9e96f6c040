"""What `jxai deliberate` and `jxai study` have in common: pictures, and the insecurities that a network has in them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jxai.cli.settings.deliberate import Deliberate
from jxai.cli.settings.study import Study
from jxai.data.spec import Splits
from jxai.pipelines.checkpoints import Loaded
from jxai.pipelines.insecurities import Difficulty, ImageInsecurities, deliberate, difficulty_of, hardest
from jxai.pipelines.progress import ProgressCallback
from jxai.pipelines.run_data import splits_of_run
from jxai.pipelines.subjects import ClassExamples, Subjects, class_examples, photographs, test_images
from jxai.pipelines.targets import class_names

__all__ = ["InsecurePictures", "insecurities_of", "output_names", "require_pictures"]


class InsecurePictures(NamedTuple):
    """Pictures with their insecurities.

    Attributes:
        subjects: the pictures.
        results: their insecurities.
        difficulty: the score that was used.
        examples: of the classes.
        data: what the run was trained on; None for photographs.
    """

    subjects: Subjects
    results: ImageInsecurities
    difficulty: Difficulty
    examples: ClassExamples
    data: Splits | None


def require_pictures(photos: Sequence[Path], hardest: int, test: Sequence[int]) -> None:
    """Refuse anything else than photographs or test images of a run.

    Raises:
        ValueError: neither was named, or both.
    """
    if hardest < 0 or (hardest and test):
        raise ValueError("--hardest: expected a number above 0, or the images by --test, not both.")
    if not (photos or hardest or test):
        raise ValueError("expected photographs, or test images of a run by --hardest NUMBER or --test NUMBER...")
    if photos and (hardest or test):
        raise ValueError("expected photographs or test images, not both; call twice.")


def output_names(loaded: Loaded, labels: Path | None) -> list[str]:
    """The names of the model's outputs: of the file, or of the run."""
    return loaded.classes if loaded.classes and not labels else class_names(labels, loaded.model)


def insecurities_of(
    command: Deliberate | Study,
    weights: Path,
    loaded: Loaded,
    names: list[str],
    progress: ProgressCallback,
    **options: Any,
) -> InsecurePictures:
    """The pictures that a command names, and their insecurities.

    Args:
        command: the settings.
        weights: file, or folder of the run.
        loaded: the network.
        names: of its outputs.
        progress: called as the work goes on.
        **options: `chunk` and `per_device` of `deliberate`.
    """
    model, params, classes = loaded
    settings, run = command.deliberation, command.run_images
    difficulty = difficulty_of(settings, loaded)
    if command.photos:
        data, subjects = None, photographs(command.photos, model, command.crop)
    else:
        own = {"name": run.data, "source": run.source}
        data = splits_of_run(weights, classes, model.size, **own, progress=progress)
        numbers = run.test or hardest(model, params, data.test, difficulty, command.hardest, progress)
        subjects = test_images(data, numbers, model)
    examples = class_examples(run.examples, data, names, model, command.seed)
    results = deliberate(
        model, params, subjects.images, difficulty, settings, at=command.at, progress=progress, **options
    )
    return InsecurePictures(subjects, results, difficulty, examples, data)
