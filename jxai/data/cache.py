"""Where jxai keeps what it can make again: drawn data sets, compiled programs."""

import os
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder(folder: str | os.PathLike | None = None) -> Path:
    """The cache folder: the argument, else the environment variable JXAI_CACHE, else ~/.cache/jxai."""
    chosen = folder or os.environ.get("JXAI_CACHE") or Path.home() / ".cache" / "jxai"
    return Path(chosen).expanduser().absolute()
