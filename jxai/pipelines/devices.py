"""How the command line runs JAX: one CPU device per core, and compiled programs kept for the next run."""

import os

import jax
import numpy as np

from jxai.core.evaluate import warn_of_zeros
from jxai.data.cache import cache_folder

__all__ = ["prepare", "require_finite", "say_zeros"]


def prepare(devices: int | None = None) -> None:
    """Set JAX up, before it is first used: never done by `import jxai`.

    On a CPU a batch over one device per core is faster than XLA's threads inside an operation. Has no effect on
    accelerators, nor where `JAX_NUM_CPU_DEVICES` or `JAX_COMPILATION_CACHE_DIR` say otherwise.

    Args:
        devices: how many CPU devices; None is one per core that this process may use.
    """
    if "JAX_NUM_CPU_DEVICES" not in os.environ:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        jax.config.update("jax_num_cpu_devices", devices or cores)
    if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        folder = cache_folder() / "compiled"
        folder.mkdir(parents=True, exist_ok=True)
        jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def require_finite(values: np.ndarray, what: str) -> None:
    """Raise `ValueError` if there are NaNs or infinities among the values."""
    bad = int(np.size(values) - np.isfinite(values).sum())
    if bad:
        raise ValueError(f"{what}: expected finite numbers, got {bad} NaN or infinite of {np.size(values)}.")


def say_zeros(maps: np.ndarray, method: str) -> None:
    """Warn (`SaysNothing`) of cases, the leading axis, whose map is zero everywhere."""
    zeros = int((~maps.reshape(len(maps), -1).any(1)).sum())
    if zeros:
        warn_of_zeros(f" in {zeros} of {len(maps)} cases of {method}")
