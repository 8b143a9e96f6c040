"""Strict JAX, float64 available for references, four CPU devices, and the folder of real data where there is one."""

import os
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
# Tests compile more than they compute (where they do not, they are marked `optimised`); subprocesses inherit this.
os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"
if version("jaxlib").startswith("0.10."):  # XLA aborts on flags that it does not know, as another one may
    os.environ.setdefault(
        "XLA_FLAGS",
        "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1 "
        "--xla_backend_optimization_level=1",
    )

import gc
import shutil

import jax
import jaxtyping
import pytest

# Shapes and types are checked at run time in these; in the others by the doctests, see .ci/run: jaxtyping prepares a
# check each time that a function is made, and explainers are made of functions inside functions.
jaxtyping.install_import_hook(
    ("jxai.core", "jxai.signal", "jxai.language", "jxai.models"),
    "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))",
)
jax.config.update("jax_num_cpu_devices", 4)
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests marked slow too")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--slow"):
        skip = pytest.mark.skip(reason="takes minutes: run with --slow")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(skip)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Before the fixtures, which compile too."""
    jaxtyping.config.update("jaxtyping_disable", item.get_closest_marker("unchecked") is not None)
    jax.config.update("jax_disable_most_optimizations", item.get_closest_marker("optimised") is None)


@pytest.fixture(scope="module", autouse=True)
def few_programs():
    """Compiled programs are forgotten before they are too many: each maps memory, and Linux allows 65,530 maps."""
    yield
    maps = Path("/proc/self/maps")
    if maps.exists() and maps.read_bytes().count(b"\n") > 25_000:
        jax.clear_caches()


@pytest.fixture
def place(tmp_path: Path, made: Path) -> Path:
    """A test's own copy of the folder that its module makes once."""
    return Path(shutil.copytree(made, tmp_path, dirs_exist_ok=True))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real weights, images and texts (`JXAI_DATA`); tests that need it are skipped without it."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("JXAI_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"real data not found: no folder {folder}; set JXAI_DATA to it")
    return folder


gc.set_threshold(100_000, 50, 100)  # traces make many objects and few cycles: looking for them took a tenth of the time
