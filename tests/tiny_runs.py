"""Runs as `jxai train` leaves them, of networks that nobody trained: made in a second."""

import jax

from jxai.commands.weights import describe_run
from jxai.data.birds import birds_meta
from jxai.models import MODELS, hardness, small_cnn
from jxai.run import checkpoints

COUNTS = {"train": 60, "val": 6, "test": 12}


def birds_run(folder, species=6, size=32):
    """A classifier of birds."""
    classes, options = list(birds_meta(species).classes), {"classes": species, "size": size}
    describe_run(folder, "small_cnn", options, classes)
    checkpoints.save(folder / "best", _params(options))
    return folder


def hardness_run(folder, species=6, size=32):
    """A hardness predictor and its classifier."""
    classes, options = list(birds_meta(species).classes), {"classes": species, "size": size}
    about = {"model": "small_cnn", "options": options, "classes": classes}
    describe_run(folder, "hardness", {"trunk": about, "outputs": 8, "hidden": [4]}, classes)
    predictor = hardness(small_cnn(classes=8, size=size), hidden=(4,))
    params = {"hardness": predictor.init(jax.random.key(1)), "classifier": _params(options)}
    checkpoints.save(folder / "best", params)
    return folder


def _params(options):
    return MODELS["small_cnn"](**options).init(jax.random.key(0))
