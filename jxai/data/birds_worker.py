"""Drawing birds in several processes, each of which writes pickled examples to its standard output.

Python's own process pools start the caller's main script again, which breaks scripts without a main guard.
"""

import io
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from PIL import Image

from jxai.data.birds_draw import draw_example

__all__ = ["FEW", "cores", "drawn", "encoded"]

FEW = 400  # so few images are drawn faster than processes start


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _png(pixels: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png", compress_level=2)
    return buffer.getvalue()


def encoded(split: str, index: int, *, species: int, size: int, seed: int) -> dict[str, Any]:
    """An example with its image and masks as PNG files, as a tfds builder takes it."""
    example: dict[str, Any] = dict(draw_example(split, index, species=species, size=size, seed=seed))
    return example | {"image": _png(example["image"]), "masks": _png(example["masks"])}


def _start(split: str, indices: range, options: dict[str, int]) -> subprocess.Popen:
    job = json.dumps([split, [indices.start, indices.stop, indices.step], options])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    command = [sys.executable, "-c", f"from {__name__} import _work; _work()", job]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment)


def drawn(split: str, count: int, **options: int) -> Iterator[dict[str, Any]]:
    """The encoded examples of a split in order, drawn by as many processes as there are cores (at most 8).

    Raises:
        RuntimeError: A process ended before its work was done.
    """
    workers = min(cores(), 8)
    if count <= FEW or workers == 1:
        yield from (
            encoded(split, index, species=options["species"], size=options["size"], seed=options["seed"])
            for index in range(count)
        )
        return
    processes = [_start(split, range(first, count, workers), options) for first in range(workers)]
    try:
        for index in range(count):
            yield pickle.load(processes[index % workers].stdout)  # type: ignore[arg-type]
    except EOFError:
        codes = [process.wait() for process in processes]
        raise RuntimeError(
            f"a process that draws birds ended early (exit codes {codes}); its message is above"
        ) from None
    finally:
        for process in processes:
            process.kill()
            process.stdout.close()  # type: ignore[union-attr]
            process.wait()


def _work() -> None:
    split, indices, options = json.loads(sys.argv[1])
    for index in range(*indices):
        pickle.dump(encoded(split, index, **options), sys.stdout.buffer)
    sys.stdout.buffer.flush()
