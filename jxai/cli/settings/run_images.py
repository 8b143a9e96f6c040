"""The settings that name images of a training run: test images, and examples of its classes."""

import dataclasses
from pathlib import Path

from jxai.cli.settings.data_sets import ImageSet

__all__ = ["RunImages"]


@dataclasses.dataclass(frozen=True)
class RunImages:
    """Test images of a run, and examples of the classes.

    Attributes:
        test: Explain these test images of the run, by their numbers.
        data: The run's data set, where its folder does not say it.
        source: Folder of a data set that is not made here, where it has moved.
        examples: Folder with pictures of the classes, one folder a class, called by its number or name; by default a
            run's own training images.
    """

    test: tuple[int, ...] = ()
    data: ImageSet | None = None
    source: Path | None = None
    examples: Path | None = None
