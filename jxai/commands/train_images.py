"""The pictures of `jxai train` but birds: scenes that are drawn here, and sets in a folder."""

import functools
from collections.abc import Callable
from typing import Any

from jxai.commands.train_config import Train
from jxai.data.activities import activities
from jxai.data.ade20k import ade20k
from jxai.data.cub import cub
from jxai.data.mpii import mpii
from jxai.data.scenes import scenes

__all__ = ["image_splits"]

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
