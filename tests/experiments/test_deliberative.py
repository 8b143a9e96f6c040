"""The experiment on insecurities: measured on a tiny network, and its page."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.deliberative import networks
from experiments.deliberative.__main__ import Config, main, measure
from experiments.deliberative.data import Set
from experiments.deliberative.networks import Networks
from experiments.deliberative.page import REPORT
from experiments.deliberative.rows import ROWS
from experiments.deliberative.summary import MARGIN, RELEASED, summary
from experiments.experiment.results import run
from jxai.models import hardness, small_cnn
from jxai.train.image_batches import Examples

SIDE, CLASSES, PARTS = 16, 6, 3
SOME = ("Gradient", "Gradient-Hessian", "Gradient without m^s", "Gradient" + RELEASED)


def some_set(kind):
    rng = np.random.default_rng(0)
    count = 8
    images = rng.integers(0, 256, (count, SIDE, SIDE, 3), np.uint8)
    examples = Examples(images, rng.integers(0, CLASSES, count).astype(np.int32), np.arange(count))
    points = np.concatenate([rng.uniform(0, SIDE, (count, PARTS, 2)), np.ones((count, PARTS, 1))], -1).astype(
        np.float32
    )
    places = points if kind == "points" else rng.integers(0, PARTS + 1, (count, SIDE, SIDE)).astype(np.uint8)
    half = rng.random((CLASSES, CLASSES, PARTS)) < 0.5
    names = tuple("abcdef")
    return Set("made", examples, examples, examples, kind, places, half & half.transpose(1, 0, 2), names, names[:PARTS])


def some_networks():
    model = small_cnn(classes=CLASSES, size=SIDE, widths=(4, 8))
    predictor = hardness(small_cnn(classes=8, size=SIDE, widths=(4, 8)), hidden=(4,))
    params = {"classifier": model.init(jax.random.key(0)), "hardness": predictor.init(jax.random.key(1))}
    return Networks(
        lambda params, x: model.apply(params["classifier"], x),
        lambda x, params: predictor.apply(params["hardness"], x),
        params, model.features, model.preprocess, 0.5,
    )  # fmt: skip


def test_an_unknown_name_ends_the_experiment():
    for setting, name in (("sets", "cats"), ("architectures", "ResNet-50")):
        with pytest.raises(SystemExit, match=f"--{setting}: expected some of .*, got '{name}'"):
            main(Config(**{setting: (name,)}))


def test_the_features_of_cub_are_read_once_for_all_seeds(monkeypatch, tmp_path):
    model, data, read = small_cnn(classes=9, size=SIDE, widths=(4, 8)), some_set("points")._replace(name="cub"), []
    train = data.train._replace(images=255 - data.train.images)

    def counted(apply, **options):
        run = original(apply, **options)
        return lambda images, params: read.append(images is train.images) or run(images, params)

    original = networks.classifier
    monkeypatch.setattr(networks, "classifier", counted)
    monkeypatch.setattr(networks, "load", lambda name, path: (model, model.init(jax.random.key(0))))
    options = {"epochs": 1, "predictor": {}, "progress": None}
    # as where the experiment runs
    with jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"), jax.enable_x64(False):
        trained = networks.networks("small CNN", data._replace(train=train), tmp_path, **options)
        one, other, again = trained(0), trained(1), trained(0)
        x = model.preprocess(jnp.asarray(train.images[0] / np.float32(255)))
        assert 0 < float(one.hardness(x, one.params)) < 1
        assert one.apply(one.params, x).shape == (CLASSES,)
    assert read == [True, False, False, False]
    assert all(0 <= net.accuracy <= 1 for net in (one, other))
    jax.tree.map(np.testing.assert_array_equal, one.params, again.params)
    np.testing.assert_array_equal(one.params["classify"]["kernel"], other.params["classify"]["kernel"])
    assert (one.params["hidden"]["kernel"] != other.params["hidden"]["kernel"]).any()


@pytest.mark.parametrize("kind", ["points", "masks"])
def test_measured_and_written(tmp_path, kind):
    config = Config(images=5, per_device=2)
    found = measure(some_networks(), some_set(kind), config, SOME)
    qualities = {"precision", "recall"} if kind == "points" else {"iou"}
    assert set(found["rows"]) == {*SOME, "random", "random" + RELEASED} and set(SOME) < set(ROWS)
    for name, row in found["rows"].items():
        assert set(row) == qualities | ({each + MARGIN for each in qualities} if name in SOME else set())
        for quality, values in row.items():
            known, least = values[np.isfinite(values)], -1 if quality.endswith(MARGIN) else 0
            assert values.shape == (5, 90) and known.size and ((known >= least) & (known <= 1)).all()
    for quality in qualities:
        rows = found["rows"]
        margin = rows["Gradient"][quality] - rows["random"][quality]
        np.testing.assert_array_equal(rows["Gradient"][quality + MARGIN], margin)
    assert all(0 <= share <= 1 for share in found["positive"].values())
    assert found["risk"]["oracle"] <= min(found["risk"].values())

    settings = Config(images=5, table=tmp_path)
    run(REPORT, settings, [("made, tiny", summary([found, found]))])
    run(REPORT, Config(keep=True, called="again", table=tmp_path), [("made, tiny", summary([found]))])
    results = json.loads((tmp_path / "deliberative.json").read_text())["results"]
    assert list(results) == ["made, tiny", "made, tiny, again"]
    assert results["made, tiny"]["run"]["config"]["images"] == 5
    whole = results["made, tiny, again"]
    quality = min(qualities)
    for row in SOME:
        columns = [9, 19, 29, 39, 49] if kind == "masks" else slice(None)
        means = [np.nanmean(one[columns]) for one in found["rows"][row][quality] if np.isfinite(one[columns]).any()]
        assert whole["rows"][row][quality]["mean"] == pytest.approx(np.mean(means))
    claims = {claim["claim"]: claim for claim in whole["claims"]}
    assert {"second order beats first", "the maps beat random masks" + RELEASED} <= set(claims)
    assert {claim["quality"] for claim in whole["claims"]} == {quality, quality + MARGIN}
    page = (tmp_path / "deliberative.md").read_text()
    assert "Gradient-Hessian" in page and (tmp_path / "deliberative.png").exists()
