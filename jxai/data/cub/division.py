"""How the images of CUB-200-2011 are divided into training, validation and test: officially, or as FLEX does."""

from pathlib import Path

import numpy as np

from jxai.data.archives import Malformed, read_lines
from jxai.data.cub.files import Notes

__all__ = ["DIVISIONS", "division_of"]

DIVISIONS = ("official", "flex")
_SPLITS = ("train", "val", "test")
_EVERY = 10  # of the official training images one in so many is for validation


def division_of(notes: Notes, folder: Path, division: str) -> dict[str, list[int]]:
    """The places of all images of each split, whether the source has their pictures or not.

    Args:
        notes: What is known about the images.
        folder: Where FLEX's files are.
        division: `official` or `flex`.

    Raises:
        Malformed: FLEX's files are missing, name an image that there is not, or one twice; with file and line.
    """
    return _official(notes) if division == "official" else _flex(notes, folder)


def _official(notes: Notes) -> dict[str, list[int]]:
    trained = np.flatnonzero(notes.is_train)
    held_out = trained[_EVERY - 1 :: _EVERY]
    places = np.setdiff1d(trained, held_out), held_out, np.flatnonzero(~notes.is_train)
    return {split: indices.tolist() for split, indices in zip(_SPLITS, places, strict=True)}


def _flex(notes: Notes, folder: Path) -> dict[str, list[int]]:
    place_of = {name: place for place, name in enumerate(notes.names)}
    named_in: dict[str, str] = {}
    return {split: _listed(folder / f"{split}_no_cub.txt", place_of, named_in) for split in _SPLITS}


def _listed(file: Path, place_of: dict[str, int], named_in: dict[str, str]) -> list[int]:
    """The images that a file names, in the order of CUB's numbers; `named_in` says where each was named."""
    if not file.is_file():
        raise Malformed(
            f"expected {file.name} for division='flex' in the folder {file.parent.name}; take it from FLEX's files, or "
            f"take division='official'"
        )
    places = []
    for number, line in enumerate(read_lines(file), 1):
        name = line.strip()
        if not name:
            continue
        where = f"{file.name}, line {number}"
        if name not in place_of:
            raise Malformed(f"{where}: expected an image of the set, CLASS/NAME.jpg, got {name!r}")
        if name in named_in:
            raise Malformed(f"{where}: {name!r} was named before, in {named_in[name]}; an image is in one split")
        named_in[name] = where
        places.append(place_of[name])
    return sorted(places)
