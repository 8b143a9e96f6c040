"""Runs as `jxai train` leaves them, of networks that nobody trained: made in a second."""

import dataclasses

import jax
import numpy as np

from jxai.data.birds.source import birds, birds_meta
from jxai.data.spec import DataSpec
from jxai.data.table import DATA
from jxai.language import Associations, vocabulary
from jxai.models import MODELS, hardness, small_cnn
from jxai.pipelines.checkpoints import describe_run, load_weights
from jxai.pipelines.words.captioners import Sizes, captioner_of
from jxai.pipelines.words.checkpoint import describe_flex
from jxai.pipelines.words.layers import channels_of, reading_of
from jxai.pipelines.words.settings import FlexSettings
from jxai.run import checkpoints
from jxai.run.outputs import fingerprint

COUNTS = {"train": 60, "val": 6, "test": 12}


def fewer_examples(monkeypatch, name, train, val, test):
    """Make fewer examples of a data set by default."""
    monkeypatch.setitem(DATA, name, dataclasses.replace(DATA[name], splits=(train, val, test)))


def birds_data(species=6):
    """Few birds."""
    return DataSpec("birds", options={"species": species, **COUNTS})


def birds_run(folder, species=6, size=32):
    """A classifier of birds."""
    classes, options = list(birds_meta(species).classes), {"classes": species, "size": size}
    describe_run(folder, "small_cnn", options, classes, birds_data(species))
    checkpoints.save(folder / "best", _params(options))
    return folder


def hardness_run(folder, species=6, size=32):
    """A hardness predictor and its classifier."""
    classes, options = list(birds_meta(species).classes), {"classes": species, "size": size}
    about = {"model": "small_cnn", "options": options, "classes": classes}
    describe_run(folder, "hardness", {"trunk": about, "outputs": 8, "hidden": [4]}, classes, birds_data(species))
    predictor = hardness(small_cnn(classes=8, size=size), hidden=(4,))
    params = {"hardness": predictor.init(jax.random.key(1)), "classifier": _params(options)}
    checkpoints.save(folder / "best", params)
    return folder


def _params(options):
    return MODELS["small_cnn"](**options).init(jax.random.key(0))


def flex_run(folder, run, method="flex", learnt=(0, 1, 2, 3, 4), seed=0):
    """An explainer in words that nobody trained, of a run of `birds_run`; its channels' words are drawn at random."""
    loaded = load_weights(None, run)
    model, source = loaded.model, birds("train", species=len(loaded.classes), size=loaded.model.size, **COUNTS)
    words = vocabulary([text for example in source for text in example["captions"]], least=3)
    reading = reading_of(loaded, layers=("block1", "features"), k=2)
    channels = channels_of(loaded, reading.layers)
    settings = FlexSettings(embedding=6, image_embedding=6, hidden=6)
    sizes = Sizes(len(words.words), channels["features"], model.classes)
    about = {
        "method": method, "words": words.words, "stop": words.stop, "length": 8, "reading": reading._asdict(),
        "channels": channels, "sizes": sizes._asdict(), "size": 1.0, "settings": settings.record,
        "learnt": [k in learnt for k in range(model.classes)], "classes": loaded.classes,
        "classifier": {"fingerprint": fingerprint(loaded.params), "path": str(run), "model": "small_cnn"},
    }  # fmt: skip
    table = np.random.default_rng(seed).random((sum(channels.values()), len(words.words)), np.float32)
    table[:, :2] = 0
    scores = table.max(1)
    words_of_channels = Associations(table.argmax(1).astype(np.int32), scores, 10 * scores, table)
    describe_flex(folder, about, words_of_channels, birds_data(len(loaded.classes)))
    checkpoints.save(folder / "best", captioner_of(method, sizes, settings).init(jax.random.key(seed)))
    return folder
