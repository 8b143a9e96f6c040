"""Training on sentences: learning, the plateau, interruption without a trace, several devices, refusals."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jxai.language import flex, flex_objective, greedy, log_likelihood
from jxai.run import checkpoints
from jxai.run.outputs import fingerprint
from jxai.train.optimisers import plateau_optimiser
from jxai.train.sentence_batches import order_by_length, widths_of
from jxai.train.sentences import SentenceConfig, Sentences, train_sentences, word_probability

pytestmark = pytest.mark.usefixtures("compiled_once")

WORDS, STOP, KINDS = 9, 2, 4
CAPTIONER = flex(WORDS, KINDS, embedding=8, image_embedding=8, hidden=16, dropout=0.1)
LIKELIHOOD = log_likelihood(CAPTIONER)
CONFIG = SentenceConfig(epochs=3, batch=8, learning_rate=0.03)


def made(count, seed, each=2):
    """Images of four kinds; a sentence names the kind, once or twice."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(KINDS, size=count)
    visual = np.eye(KINDS, dtype=np.float32)[kinds] + rng.normal(0, 0.05, (count, KINDS)).astype(np.float32)
    image = np.repeat(np.arange(count), each)[: count * each - 1]  # the last has fewer
    tokens = np.zeros((len(image), 5), np.int64)
    for row, kind in enumerate(kinds[image]):
        words = [3, 5 + kind] if rng.random() < 0.7 else [3, 4, 5 + kind]
        tokens[row, : len(words) + 1] = [*words, STOP]
    z = np.zeros((count, WORDS), np.float32)
    z[np.arange(count), 5 + kinds] = 1
    return Sentences(tokens, image, {"visual": visual, "z": z}), kinds


(DATA, _), (HELD_OUT, HELD_OUT_KINDS) = made(40, 0), made(12, 1)


def run(folder, data=DATA, **changes):
    options = {"validation": HELD_OUT, "config": CONFIG, "devices": jax.devices()[:2], "likelihood": LIKELIHOOD}
    objective = changes.pop("objective", flex_objective(CAPTIONER))
    return train_sentences(CAPTIONER.init, objective, data, folder=folder, **(options | changes))


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train") / "run"
    return folder, run(folder)


def latest(folder):
    return fingerprint(checkpoints.load(folder / "latest")[0])


def test_learns_to_name_what_it_sees(uninterrupted):
    _, trained = uninterrupted
    assert trained.accuracy == max(record["validation_accuracy"] for record in trained.history) > 0.5
    decode = jax.jit(jax.vmap(greedy(CAPTIONER, length=5, stop=STOP), in_axes=(None, 0)))
    said = np.asarray(decode(trained.params, HELD_OUT.images))
    assert all(5 + kind in row for kind, row in zip(HELD_OUT_KINDS, said.tolist(), strict=True))
    assert [record["step"] for record in trained.history] == [9, 18, 27]
    assert {"loss", "train_accuracy", "learning_rate", "seconds"} <= set(trained.history[0])


def test_accuracy_is_the_geometric_mean_probability_of_a_word(uninterrupted):
    trained = uninterrupted[1]
    logs, words = 0.0, 0
    likelihood = jax.jit(LIKELIHOOD)
    for tokens, row in zip(HELD_OUT.tokens, HELD_OUT.image, strict=True):
        image = {name: array[row] for name, array in HELD_OUT.images.items()}
        logs += float(likelihood(trained.params, image, jnp.asarray(tokens, jnp.int32)))
        words += np.count_nonzero(tokens)
    np.testing.assert_allclose(trained.accuracy, np.exp(logs / words), rtol=1e-5)
    again = word_probability(LIKELIHOOD, trained.params, HELD_OUT, per_device=3, devices=jax.devices()[:1])
    np.testing.assert_allclose(again, trained.accuracy, rtol=1e-5)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", [3, 10])
def test_interrupted(uninterrupted, tmp_path, step):
    def interrupt(now):
        if now.step == step:
            raise Killed

    with pytest.raises(Killed):
        run(tmp_path / "run", progress=interrupt)
    resumed = run(tmp_path / "run")
    assert latest(tmp_path / "run") == latest(uninterrupted[0])
    assert fingerprint(resumed.params) == fingerprint(uninterrupted[1].params)


STEPS, VALUES = 9, [0.1, 0.5, 0.4, 0.5, 0.6, 0.2]


RATES = [0.5, 0.5, 0.25, 0.125, 0.125]  # validations: 0.5 (best), 0.4, 0.5 (no better), 0.6 (best), 0.2


def scripted(folder, epochs, **changes):
    """A run whose validations are given: its one parameter grows by the learning rate in every epoch."""
    config = dataclasses.replace(CONFIG, epochs=epochs, optimiser="sgd", momentum=0.0, learning_rate=0.5)

    def likelihood(params, image, tokens):
        grown = jnp.cumsum(jnp.asarray([0.0, *RATES], jnp.float32))
        epoch = jnp.argmin(jnp.abs(grown - params["grown"]))
        return jnp.log(jnp.asarray(VALUES, jnp.float32))[epoch] * (tokens != 0).sum().astype(jnp.float32)

    def objective(params, image, tokens, key):
        return -params["grown"] / STEPS

    options = {"validation": HELD_OUT, "config": config, "devices": jax.devices()[:1], "likelihood": likelihood}
    return train_sentences(
        lambda key: {"grown": jnp.zeros((), jnp.float32)}, objective, DATA, folder=folder, **(options | changes)
    )


def test_the_rate_halves_after_every_epoch_without_a_new_best(tmp_path):
    trained = scripted(tmp_path / "run", 5)
    np.testing.assert_allclose([record["validation_accuracy"] for record in trained.history], VALUES[1:], rtol=1e-5)
    assert [record["learning_rate"] for record in trained.history] == RATES
    assert trained.epoch == 4
    state, _ = checkpoints.load(tmp_path / "run" / "latest")
    np.testing.assert_allclose(state["params"]["grown"], sum(RATES), rtol=1e-5)
    rates = [leaf for leaf in state["optimiser"] if leaf.dtype == np.float32 and leaf.shape == ()]
    assert any(float(leaf) == RATES[-1] / 2 for leaf in rates)  # halved before it was kept


def test_the_halved_rate_survives_a_kill(tmp_path):
    def interrupt(now):
        if now.step == 4 * STEPS - 2:
            raise Killed

    with pytest.raises(Killed):
        scripted(tmp_path / "run", 5, progress=interrupt)
    trained = scripted(tmp_path / "run", 5)
    assert [record["learning_rate"] for record in trained.history] == RATES


def test_one_device_and_two_agree(uninterrupted, tmp_path):
    alone = run(tmp_path / "run", devices=jax.devices()[:1])
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=2e-3), alone.params, uninterrupted[1].params)
    np.testing.assert_allclose(alone.accuracy, uninterrupted[1].accuracy, rtol=1e-2)


def test_adam_of_the_settings_is_adam():
    params, gradient = {"w": np.ones((2, 2), np.float32)}, {"w": np.full((2, 2), 0.3, np.float32)}
    update, adam = plateau_optimiser(SentenceConfig()), optax.adam(5e-4)
    state, expected = update.init(params), adam.init(params)
    for _ in range(3):
        found, state = update.update(gradient, state, params)
        with jax.numpy_dtype_promotion("standard"):
            wanted, expected = adam.update(gradient, expected, params)
        np.testing.assert_allclose(found["w"], wanted["w"], rtol=1e-6)
    assert state.hyperparams["learning_rate"].dtype == np.float32


def test_another_run_is_refused(uninterrupted):
    with pytest.raises(ValueError, match="but data differ"):
        run(uninterrupted[0], data=made(40, 3)[0])
    with pytest.raises(ValueError, match="shrink differ"):
        run(uninterrupted[0], config=dataclasses.replace(CONFIG, shrink=1.0))
    with pytest.raises(ValueError, match="weight differ"):
        run(uninterrupted[0], identity={"weight": 0.5})


def test_batches_of_like_length():
    tokens, batch = np.asarray(DATA.tokens), 8
    lengths = (tokens != 0).sum(axis=1)
    widths = widths_of(tokens)
    assert widths == [3, 4]
    for epoch in range(5):
        steps = order_by_length(np.random.default_rng(epoch), tokens, widths, batch)
        assert len(steps) == len(tokens) // batch and all(len(rows) == batch for rows in steps)
        seen = np.concatenate(steps)
        assert len(set(seen.tolist())) == len(seen)
        mixed = sum(len(set(lengths[rows].tolist())) > 1 for rows in steps)
        assert mixed <= 1
        assert set(lengths[np.setdiff1d(np.arange(len(tokens)), seen)].tolist()) <= {4}  # left out: the longest


def test_padding_is_cut_off_and_nothing_changes(uninterrupted, tmp_path):
    longer = [data._replace(tokens=np.pad(data.tokens, ((0, 0), (0, 6)))) for data in (DATA, HELD_OUT)]
    trained = run(tmp_path / "run", data=longer[0], validation=longer[1])
    assert fingerprint(trained.params) == fingerprint(uninterrupted[1].params)


def changed(**changes):
    return DATA._replace(**{name: change(np.array(getattr(DATA, name))) for name, change in changes.items()})


def with_empty(tokens):
    tokens[3] = 0
    return tokens


def with_hole(tokens):
    tokens[4] = [3, 0, 5, 2, 0]
    return tokens


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": changed(tokens=with_empty)}, "in sentences, but sentence 3 is empty; leave it out"),
        ({"data": changed(tokens=with_hole)}, r"sentence 4 is \[3, 0, 5, 2, 0\]"),
        ({"data": changed(tokens=lambda t: t[:0], image=lambda i: i[:0])}, "whole numbers .* as tokens of sentences"),
        ({"data": changed(tokens=lambda t: t.astype(float))}, "got float64"),
        ({"data": changed(image=lambda i: i[1:])}, "for each of 79 sentences"),
        ({"validation": changed(image=lambda i: i + 1)}, r"images of validation .* each of 1..40, got \[40\]"),
        ({"data": DATA._replace(images={})}, "got no rows"),
        ({"data": changed(tokens=lambda t: t[:5], image=lambda i: i[:5])}, "one batch of 8 sentences, got 5"),
        ({"devices": jax.devices()[:3]}, "3 devices share evenly"),
        (
            {"objective": lambda params, image, tokens, key: params["words"]["embedding"][0]},
            "one number from objective",
        ),
    ],
)
def test_refuses(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        run(tmp_path / "run", **changes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("changes", [{"shrink": 0.0}, {"shrink": 2.0}])
def test_settings_out_of_range(changes):
    with pytest.raises(ValueError, match=f"expected {next(iter(changes))}"):
        SentenceConfig(**changes)
