"""Drawing pictures in several processes, each of which writes pickled examples to its standard output.

Python's own process pools start the caller's main script again, which breaks scripts without a main guard.
"""

import importlib
import io
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from PIL import Image

__all__ = ["FEW", "cores", "in_processes", "png"]

FEW = 400  # so few images are drawn faster than processes start


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def png(pixels: Any) -> bytes:
    """A picture as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png", compress_level=2)
    return buffer.getvalue()


def _start(module: str, split: str, indices: range, options: dict[str, int]) -> subprocess.Popen:
    job = json.dumps([module, split, [indices.start, indices.stop, indices.step], options])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    command = [sys.executable, "-c", f"from {__name__} import _work; _work()", job]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment)


def in_processes(module: str, split: str, count: int, **options: int) -> Iterator[dict[str, Any]]:
    """The examples of a split in order, made by as many processes as there are cores (at most 8).

    Args:
        module: The module whose `encoded(split, index, **options)` makes an example.
        split: The name of the split.
        count: How many examples.
        **options: What `encoded` takes.

    Raises:
        RuntimeError: A process ended before its work was done.
    """
    workers = min(cores(), 8)
    if count <= FEW or workers == 1:
        encoded = importlib.import_module(module).encoded
        yield from (encoded(split, index, **options) for index in range(count))
        return
    processes = [_start(module, split, range(first, count, workers), options) for first in range(workers)]
    try:
        for index in range(count):
            yield pickle.load(processes[index % workers].stdout)  # type: ignore[arg-type]
    except EOFError:
        codes = [process.wait() for process in processes]
        raise RuntimeError(
            f"a process that draws pictures ended early (exit codes {codes}); its message is above"
        ) from None
    finally:
        for process in processes:
            process.kill()
            process.stdout.close()  # type: ignore[union-attr]
            process.wait()


def _work() -> None:
    module, split, indices, options = json.loads(sys.argv[1])
    encoded = importlib.import_module(module).encoded
    for index in range(*indices):
        pickle.dump(encoded(split, index, **options), sys.stdout.buffer)
    sys.stdout.buffer.flush()
