"""The training, validation and test splits of the image sets, drawn here or read from a folder."""

import functools
from collections.abc import Callable
from typing import Any

from jxai.cli.settings.train import Train
from jxai.data.activities import activities
from jxai.data.ade20k import ade20k
from jxai.data.birds.source import birds, birds_meta
from jxai.data.birds.species import MOST
from jxai.data.cub.source import cub
from jxai.data.images import ImageSource
from jxai.data.mpii.source import mpii
from jxai.data.scenes.source import scenes, scenes_meta

__all__ = ["bird_splits", "BIRDS", "data_of", "image_splits"]

Tell = Callable[[str, int, int], None]
SCENES = {"train": 4000, "val": 800, "test": 1000}


def image_splits(command: Train, tell: Callable[[str, int, int], None]) -> dict[str, Any]:
    """The three splits of scenes, activities, CUB, MPII or ADE20K at the command's size.

    Raises:
        ValueError: no source for a set that is not made here, or one that lacks files.
    """
    if command.data in ("scenes", "activities"):
        drawn = functools.partial(tell, "drawing scenes")
        options: dict[str, Any] = {"size": command.size, "progress": drawn, **SCENES}
        made = {split: scenes(split, **options) for split in SCENES}
        return made if command.data == "scenes" else {split: activities(source) for split, source in made.items()}
    if command.source is None:
        raise ValueError(f"name the folder of {command.data} by --source.")
    read: Any = {"cub": cub, "mpii": mpii, "ade20k": ade20k}[command.data]
    return {split: read(split, command.source, size=command.size) for split in SCENES}


def data_of(classes: list[str]) -> str:
    """The data set made here that has these classes.

    Raises:
        ValueError: none has.
    """
    if tuple(classes) == tuple(scenes_meta().classes):
        return "scenes"
    if tuple(classes) == tuple(scenes_meta().activities[1:]):
        return "activities"
    if 2 <= len(classes) <= MOST and tuple(classes) == tuple(birds_meta(len(classes)).classes):
        return "birds"
    raise ValueError(
        f"no data set made here has the run's classes ({classes[0]}, ...); name it by --data and --source."
    )


BIRDS = {"train": 4000, "val": 800, "test": 1000}


def bird_splits(species: int, size: int, tell: Tell) -> dict[str, ImageSource]:
    """The three splits of birds, drawn where they are not there yet."""

    def drawn(done: int, total: int) -> None:
        tell("drawing birds", done, total)

    options: dict[str, Any] = {"species": species, "size": size, "progress": drawn, **BIRDS}
    return {split: birds(split, **options) for split in BIRDS}
