"""The cache of sets that are made here: ArrayRecord files, which tensorflow-datasets handles without TensorFlow."""

import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds
from array_record.python.array_record_module import ArrayRecordReader

from jxai.data.cache import cache_folder

__all__ = ["Made", "cache_folder", "prepared"]

_STALE = 3600  # an unfinished folder that nobody wrote to for so many seconds belongs to a run that was killed
Progress = Callable[[int, int], None]


class Made(tfds.core.GeneratorBasedBuilder):
    """The tfds builder of a set that is made here: one configuration for each choice of its options and counts.

    A set has a class of its own, with `VERSION` (goes up with every change of what is made), `name`, and what raises
    NotImplementedError here.
    """

    def __init__(
        self, *, counts: dict[str, int], options: Mapping[str, Any], folder: Path, progress: Progress | None = None
    ):
        """Counts of examples by split, and the options that `examples` depends on."""
        self.counts, self.options, self.progress = counts, options, progress
        sizes = "-".join(str(count) for count in counts.values())
        config = f"{self.choice()}-{sizes}"
        super().__init__(data_dir=folder, config=tfds.core.BuilderConfig(name=config), file_format="array_record")

    def choice(self) -> str:
        """The options as part of a folder's name."""
        raise NotImplementedError

    def fields(self) -> dict[str, Any]:
        """The tfds features of an example."""
        raise NotImplementedError

    def examples(self, split: str, count: int) -> Iterator[dict[str, Any]]:
        """The examples of a split in order, as the features take them."""
        raise NotImplementedError

    def _info(self) -> tfds.core.DatasetInfo:
        features = tfds.features.FeaturesDict(self.fields())
        return tfds.core.DatasetInfo(builder=self, features=features, disable_shuffling=True)

    def _log_download_bytes(self) -> None:  # tfds prints here that it downloads, which it does not
        return

    def _log_download_done(self) -> None:
        return

    def _split_generators(self, dl_manager: Any) -> dict[str, Iterator]:
        del dl_manager
        return {split: self._generate_examples(split) for split in self.counts}

    def _generate_examples(self, split: str) -> Iterator[tuple[int, dict[str, Any]]]:
        before = sum(list(self.counts.values())[: list(self.counts).index(split)])
        total = sum(self.counts.values())
        for index, example in enumerate(self.examples(split, self.counts[split])):
            yield index, example
            if self.progress is not None:
                self.progress(before + index + 1, total)


def _records(file: Path) -> int:
    """How many records a file holds; -1 where it is damaged."""
    try:
        reader = ArrayRecordReader(str(file))
        count = reader.num_records() if reader.ok() else -1
        reader.close()
    except (RuntimeError, ValueError, OSError):
        return -1
    return count


def _whole(folder: Path, counts: dict[str, int]) -> bool:
    """Whether a folder holds all that its data set should: its description, and the files with all their records."""
    try:
        described = json.loads((folder / "dataset_info.json").read_text())
    except (OSError, ValueError):
        return False
    kept = {split["name"]: [int(n) for n in split["shardLengths"]] for split in described["splits"]}
    files = {split: sorted(folder.glob(f"*-{split}.array_record-*")) for split in counts}
    return all(sum(kept.get(s, [])) == counts[s] and [_records(f) for f in files[s]] == kept[s] for s in counts)


def _clear(folder: Path) -> None:
    """Removes what is left of a damaged folder, and of runs that were killed while they wrote beside it."""
    shutil.rmtree(folder, ignore_errors=True)
    for left in folder.parent.glob("incomplete.*"):
        if time.time() - left.stat().st_mtime > _STALE:
            shutil.rmtree(left, ignore_errors=True)


def _quiet(record: logging.LogRecord) -> bool:
    """Keeps back two remarks of tfds that are no news to the user."""
    return not str(record.msg).startswith(("OpenCV is not installed", "Using custom data configuration"))


logging.getLogger("absl").addFilter(_quiet)


def _prepare(builder: Made, folder: Path) -> None:
    """Writes the data set; tfds writes beside the folder and renames at the end, so the folder is whole or absent."""
    logger = logging.getLogger("absl")
    level = logger.level
    logger.setLevel(logging.ERROR)
    tfds.disable_progress_bar()
    try:
        settings = tfds.download.DownloadConfig(
            try_download_gcs=False, compute_stats=tfds.download.ComputeStatsMode.SKIP
        )
        builder.download_and_prepare(download_dir=folder / "downloads", download_config=settings)
    except OSError:
        if not _whole(Path(builder.data_dir), builder.counts):  # else: another process was faster
            raise
    finally:
        logger.setLevel(level)
        shutil.rmtree(folder / "downloads", ignore_errors=True)


def prepared(
    made: type[Made],
    counts: dict[str, int],
    options: Mapping[str, Any],
    *,
    folder: Path,
    progress: Progress | None = None,
) -> Any:
    """The builder of a data set whose files are there; they are made first where they are absent or damaged."""
    arguments: dict[str, Any] = {"counts": counts, "options": options, "folder": folder}
    builder = made(**arguments, progress=progress)
    if not _whole(Path(builder.data_dir), counts):
        _clear(Path(builder.data_dir))
        _prepare(made(**arguments, progress=progress), folder)
        builder = made(**arguments)
    return builder
