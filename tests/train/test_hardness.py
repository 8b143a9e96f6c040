"""Joint training of classifier and hardness predictor: the released losses, whose gradient goes where, resuming.

`fixtures/hardness_loss.npz` holds values of the losses in the released code of Wang and Vasconcelos (2018, 2019).
"""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.models import hardness, small_cnn
from jxai.run import checkpoints
from jxai.run.map import map_examples
from jxai.run.outputs import fingerprint
from jxai.train.hardness import HardnessConfig, joint_objective, selective_accuracy, train_hardness
from jxai.train.hardness_losses import adjusted_probability, classifier_loss, deliberative_loss, eccv_loss, failure_loss
from jxai.train.images import TrainConfig, train
from tests.paths import FIXTURES

pytestmark = pytest.mark.usefixtures("compiled_once")
CONFIG = HardnessConfig(epochs=3, batch=16, shift=1, brightness=0.0, contrast=0.0, learning_rate=0.01)
SIZES = {"size": 8, "widths": (3, 4)}
MODEL = small_cnn(classes=3, **SIZES)
PREDICTOR = hardness(small_cnn(classes=6, **SIZES), hidden=(6,))


@pytest.fixture(scope="module")
def released():
    return dict(np.load(FIXTURES / "hardness_loss.npz"))


def test_losses_equal_the_released_code(released):
    logits, labels, s = (jnp.asarray(released[name]) for name in ("logits", "y", "h"))
    z = jnp.log(s) - jnp.log1p(-s)
    known = jnp.take_along_axis(jax.nn.softmax(logits), labels[:, None], 1)[:, 0]
    right = logits.argmax(-1) == labels
    close = {"rtol": 0, "atol": 1e-15}
    np.testing.assert_allclose(adjusted_probability(known, right), released["adjusted_p"], **close)
    np.testing.assert_allclose(eccv_loss(z, known), released["eccv"], **close)
    np.testing.assert_allclose(classifier_loss(logits, labels, s), released["cls_weighted"], **close)
    np.testing.assert_allclose(deliberative_loss(z, known, right), released["delib_resnet"], **close)
    for press, name in ((1.0, "delib_vgg_press1"), (1.5, "delib_vgg_press1p5")):
        np.testing.assert_allclose(deliberative_loss(z, known, right, press=press), released[name], **close)


def test_a_right_example_has_at_least_55_percent_and_a_wrong_one_its_own():
    known, right = jnp.array([0.52, 0.52, 0.3, 0.56]), jnp.array([True, False, True, True])
    assert adjusted_probability(known, right).tolist() == [0.55, 0.52, 0.55, 0.56]


def test_failure_loss_is_the_cross_entropy_of_mistakes():
    z, right = np.array([-1.0, 2.0, 0.3]), np.array([True, False, True])
    s = 1 / (1 + np.exp(-z))
    wanted = -np.mean([np.log(1 - s[0]), np.log(s[1]), np.log(1 - s[2])])
    np.testing.assert_allclose(failure_loss(jnp.asarray(z), jnp.asarray(right)), wanted, rtol=1e-12)


def made(count, seed):
    """Noise with one brighter colour channel, the class; dark images are hard."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 80, (count, 8, 8, 3), dtype=np.uint8)
    labels, light = rng.integers(0, 3, count), rng.integers(0, 2, count)
    images[np.arange(count), ..., labels] += np.uint8(60) * light[:, None, None].astype(np.uint8)
    return [{"image": image, "label": int(label)} for image, label in zip(images, labels, strict=True)]


@pytest.mark.parametrize("loss", ["eccv", "deliberative", "failure"])
def test_each_loss_moves_its_own_network(loss):
    """The joint gradient is that of the classifier's loss by the classifier, of the predictor's by the predictor."""
    config = dataclasses.replace(CONFIG, loss=loss)
    params = {"classifier": MODEL.init(jax.random.key(0)), "hardness": PREDICTOR.init(jax.random.key(1))}
    params = jax.tree.map(lambda a: a.astype(jnp.float64), params)
    rng = np.random.default_rng(0)
    xs, labels = jnp.asarray(rng.normal(size=(6, 8, 8, 3))), jnp.asarray(rng.integers(0, 3, 6))
    keys = jax.random.split(jax.random.key(2), 6)
    objective = joint_objective(MODEL.apply, PREDICTOR, config)
    together = jax.jit(jax.vmap(jax.grad(objective, has_aux=True), in_axes=(None, 0, 0), axis_name="examples"))
    got, _ = together(params, (xs[None], keys[None]), labels[None])

    def alone(classifier, predictor, which):
        logits = jax.vmap(MODEL.apply, in_axes=(None, 0))(classifier, xs)
        z = jax.vmap(PREDICTOR.logit, in_axes=(None, 0, 0))(predictor, xs, keys)
        known = jax.nn.softmax(logits)[jnp.arange(6), labels]
        right = logits.argmax(-1) == labels
        if which == "classifier":
            return classifier_loss(logits, labels, jax.nn.sigmoid(z))
        losses = {"eccv": lambda: eccv_loss(z, known), "failure": lambda: failure_loss(z, right)}
        return losses.get(loss, lambda: deliberative_loss(z, known, right))()

    grad = jax.jit(jax.grad(alone, argnums=(0, 1)), static_argnums=2)
    wanted = {name: grad(*params.values(), name)[i] for i, name in enumerate(("classifier", "hardness"))}
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a[0], b, atol=1e-12), got, wanted)


def run(folder, **changes):
    options = {"validation": made(24, 1), "config": CONFIG, "preprocess": MODEL.preprocess}
    options["devices"] = jax.devices()[:2]
    params = jax.device_get(MODEL.init(jax.random.key(5)))
    return train_hardness(MODEL.apply, params, PREDICTOR, made(64, 0), folder=folder, **(options | changes))


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hardness") / "run"
    return folder, run(folder)


def latest(folder):
    return fingerprint(checkpoints.load(folder / "latest")[0])


def test_trains_both_and_comes_back(uninterrupted):
    folder, trained = uninterrupted
    assert set(trained.params) == {"classifier", "hardness"}
    assert [record["epoch"] for record in trained.history] == [1, 2, 3]
    assert 0 <= trained.accuracy <= 1
    params, _ = checkpoints.load(folder / "best")
    assert fingerprint(params) == fingerprint(trained.params)
    s = PREDICTOR.apply(params["hardness"], MODEL.preprocess(jnp.full((8, 8, 3), 0.5)))
    assert 0 < s < 1


class Killed(Exception):
    """What a test kills a run with."""


def test_killed_and_continued_is_the_same(uninterrupted, tmp_path):
    def kill(progress):
        if progress.step == 7:
            raise Killed

    with pytest.raises(Killed):
        run(tmp_path / "run", progress=kill)
    run(tmp_path / "run")
    assert latest(tmp_path / "run") == latest(uninterrupted[0])


def test_statistics_in_their_last_bits_make_no_other_run(uninterrupted, monkeypatch):
    """Another number of threads or devices measures the head's normalisation a little differently."""

    def measured(*arguments, **options):
        found = map_examples(*arguments, **options)
        return lambda *given: np.asarray(found(*given)) * np.float32(1 + 1e-6)

    folder, trained = uninterrupted
    monkeypatch.setattr("jxai.train.hardness.map_examples", measured)
    assert fingerprint(run(folder).params) == fingerprint(trained.params)


def test_devices_share_the_class_balance(tmp_path):
    """On one device or two: the share of easy examples is the whole batch's."""
    config = dataclasses.replace(CONFIG, loss="deliberative", epochs=1, press=1.2)
    losses = [run(tmp_path / str(n), config=config, devices=jax.devices()[:n]).history[0]["loss"] for n in (1, 2)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_other_settings_are_refused(uninterrupted):
    with pytest.raises(ValueError, match="loss differ"):
        run(uninterrupted[0], config=dataclasses.replace(CONFIG, loss="failure"))
    with pytest.raises(ValueError, match="labels below 3"):
        run(uninterrupted[0], validation=[{"image": np.zeros((8, 8, 3), np.uint8), "label": 3}])


@pytest.mark.parametrize("change", [{"press": 0.0}, {"classifier_rate": -1.0}])
def test_settings_out_of_range(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        HardnessConfig(**change)


def test_selective_accuracy():
    right = np.array([True, False, True, True])
    assert selective_accuracy(np.array([0.1, 0.9, 0.2, 0.3]), right) == pytest.approx((1 + 1 + 1 + 0.75) / 4)


def test_learns_what_is_hard(tmp_path):
    """Of two kinds of images the dark ones cannot be told apart: their hardness becomes the larger."""
    data, held_out = made(256, 3), made(120, 4)
    first = TrainConfig(epochs=8, batch=32, learning_rate=0.02, shift=0, brightness=0.0, contrast=0.0)
    known = train(
        MODEL.init, MODEL.apply, data, validation=held_out, folder=tmp_path / "a", config=first,
        preprocess=MODEL.preprocess, devices=jax.devices()[:2],
    )  # fmt: skip
    config = HardnessConfig(
        epochs=6, batch=32, shift=0, brightness=0.0, contrast=0.0, learning_rate=0.01, classifier_rate=0.0
    )
    trained = train_hardness(
        MODEL.apply, known.params, PREDICTOR, data, validation=held_out, folder=tmp_path / "b", config=config,
        preprocess=MODEL.preprocess, devices=jax.devices()[:2],
    )  # fmt: skip
    images = jnp.asarray(np.stack([row["image"] for row in held_out])) / 255
    s = jax.vmap(lambda image: PREDICTOR.apply(trained.params["hardness"], MODEL.preprocess(image)))(images)
    light = np.array([row["image"].max() > 80 for row in held_out])
    assert s[~light].mean() > s[light].mean() + 0.2
    assert fingerprint(trained.params["classifier"]) == fingerprint(known.params)  # at a rate of 0 it stays
