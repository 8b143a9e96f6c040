"""Every tutorial runs as a script and leaves a picture."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from experiments.tutorials.__main__ import TUTORIALS
from tests.paths import ROOT

TUNED = ("XLA_FLAGS", "JAX_DISABLE_MOST_OPTIMIZATIONS")  # the tests compile quickly; a tutorial computes for longer


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("tutorials")  # of all: the first one trains the network


@pytest.mark.parametrize("name", TUTORIALS)
def test_a_tutorial_leaves_a_picture(name, out):
    environment = {key: value for key, value in os.environ.items() if key not in TUNED}
    command = [sys.executable, "-W", "error::FutureWarning", "-m", f"experiments.tutorials.{name}", str(out)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    picture = np.asarray(Image.open(out / f"{name}.png").convert("RGB"))
    assert min(picture.shape[:2]) > 300 and picture.std() > 10


def test_a_tutorial_opens_as_a_notebook():
    for name in TUTORIALS:
        text = (ROOT / "experiments" / "tutorials" / f"{name}.py").read_text()
        assert text.count("# %%") >= 5 and "# %% [markdown]\n# # " in text
