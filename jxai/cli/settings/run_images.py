"""The settings that name images of a training run: test images, and examples of its classes."""

import dataclasses
from pathlib import Path
from typing import Literal

__all__ = ["RunImages"]


@dataclasses.dataclass(frozen=True)
class RunImages:
    """Test images of a run, and examples of the classes.

    Attributes:
        test: Explain these test images of the run, by their numbers.
        data: The run's data set, where its classes do not tell: birds, scenes, cub or ade20k.
        source: Folder of a data set that is not made here.
        examples: Folder with pictures of the classes, one folder a class, called by its number or name; by default a
            run's own training images.
    """

    test: tuple[int, ...] = ()
    data: Literal["birds", "scenes", "cub", "ade20k"] | None = None
    source: Path | None = None
    examples: Path | None = None
