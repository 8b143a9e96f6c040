"""Training on texts: segments, groups of like length, learning, and interruption without a trace."""

import dataclasses

import jax
import numpy as np
import pytest

from jxai import models
from jxai.data.tokens import word_piece, word_vocabulary
from jxai.run import checkpoints
from jxai.run.outputs import fingerprint
from jxai.train.text import TextConfig, evaluate_text, train_text
from jxai.train.text_batches import buckets, encode, segment

pytestmark = pytest.mark.usefixtures("compiled_once")
pytest.importorskip("tokenizers", reason="tokenizers (extra `text`) is not installed")

CONFIG = TextConfig(epochs=3, batch=8, learning_rate=0.02, length=24, token_dropout=0.05)
PLAIN = "the a film scene and with of it was saw we some".split()


def made(count, seed):
    """Texts of 4 to 40 words, most of which say nothing."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        words = rng.choice(PLAIN, rng.integers(4, 40)).tolist()
        for place in rng.choice(len(words), 2 + len(words) // 4, replace=False):
            words[place] = ("dull", "witty")[i % 2]
        rows.append({"words": words, "label": i % 2, "id": 1000 * seed + i})
    return rows


DATA, HELD_OUT = made(60, 0), made(20, 1)
VOCABULARY = word_vocabulary([row["words"] for row in DATA], 30)
TOKENIZE = word_piece(VOCABULARY)
MODEL = models.text_transformer(depth=1, width=8, heads=2, vocabulary=len(VOCABULARY), length=24, read="mean")


def run(folder, data=DATA, **changes):
    options = {"tokenize": TOKENIZE, "validation": HELD_OUT, "config": CONFIG, "devices": jax.devices()[:2]}
    fns = changes.pop("init", MODEL.init), changes.pop("apply", models.from_tokens(MODEL))
    return train_text(*fns, data, folder=folder, **(options | changes))


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train") / "run"
    return folder, run(folder)


def latest(folder):
    return fingerprint(checkpoints.load(folder / "latest")[0])


def test_learns(uninterrupted):
    _, trained = uninterrupted
    apply = models.from_tokens(MODEL)
    assert trained.accuracy == max(record["validation_accuracy"] for record in trained.history) > 0.9
    judged = evaluate_text(apply, trained.params, made(30, 2), tokenize=TOKENIZE, length=24, devices=jax.devices()[:2])
    assert judged.accuracy > 0.9 and judged.logits.shape == (30, 2)
    for place in (0, 7, 29):  # as each alone
        found = TOKENIZE(made(30, 2)[place]["words"], length=24, truncate=True)
        alone = apply(jax.tree.map(jax.numpy.asarray, trained.params), found.tokens, found.mask)
        np.testing.assert_allclose(alone, judged.logits[place], atol=1e-5)
    assert [record["step"] for record in trained.history] == [7, 14, 21]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", [3, 8])
def test_interrupted(uninterrupted, tmp_path, step):
    def interrupt(now):
        if now.step == step:
            raise Killed

    with pytest.raises(Killed):
        run(tmp_path / "run", progress=interrupt)
    resumed = run(tmp_path / "run")
    assert latest(tmp_path / "run") == latest(uninterrupted[0])
    assert fingerprint(resumed.params) == fingerprint(uninterrupted[1].params)


def test_another_run_is_refused(uninterrupted):
    with pytest.raises(ValueError, match="but data differ"):
        run(uninterrupted[0], data=made(60, 3))
    with pytest.raises(ValueError, match="initial weights differ"):
        run(uninterrupted[0], init=lambda key: jax.tree.map(lambda leaf: leaf * 2, MODEL.init(key)))
    with pytest.raises(ValueError, match="token_dropout differ"):
        run(uninterrupted[0], config=dataclasses.replace(CONFIG, token_dropout=0.2))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": []}, "at least one text in data"),
        ({"validation": []}, "at least one text in validation"),
        ({"data": made(4, 0)}, "one batch of 8 training texts, got 4"),
        ({"data": [{"words": [], "label": 0}] * 8}, "texts with words in data, but text 0 has none"),
        ({"data": [{"words": ["film"], "label": -1}] * 8}, "labels from 0 in data"),
        ({"data": [{"words": ["film"], "label": 2}] * 8}, "labels below 2.*classes=3"),
        ({"devices": jax.devices()[:3]}, "3 devices share evenly"),
        ({"apply": lambda params, tokens, mask: MODEL.embed(params, tokens)}, "logits \\[k\\]"),
    ],
)
def test_refuses(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        run(tmp_path / "run", **changes)
    assert list(tmp_path.iterdir()) == []


def test_settings_out_of_range():
    for change in ({"length": 2}, {"token_dropout": 1.0}, {"epochs": 0}):
        with pytest.raises(ValueError, match=f"expected {next(iter(change))}"):
            TextConfig(**change)


PIECES = word_piece([*VOCABULARY, "un", "##ko", "##nown"])
LONG = {"words": ["film", "unkonown", "the", "unkonown", "saw", "film"], "label": 0}


@pytest.mark.parametrize("length", [4, 5, 6, 7, 8, 9, 12, 14])
def test_the_beginning_is_what_the_tokenizer_cuts(length):
    texts = encode([LONG, {"words": ["film"], "label": 1}], PIECES)
    assert texts.counts.tolist() == [10, 1]
    for row, example in enumerate([LONG, {"words": ["film"]}]):
        inputs = tuple(part[row] for part in texts.inputs(np.arange(2)))
        tokens, mask = segment(inputs, texts.special, length)
        expected = PIECES(example["words"], length=length, truncate=True)
        np.testing.assert_array_equal(tokens, expected.tokens)
        np.testing.assert_array_equal(mask, expected.mask)


def test_random_segments_hold_whole_words_and_reach_everywhere():
    texts = encode([LONG], PIECES)
    inputs = tuple(part[0] for part in texts.inputs(np.arange(1)))
    keys = jax.random.split(jax.random.key(0), 200)
    found = np.unique(jax.vmap(lambda key: segment(inputs, texts.special, 8, key=key)[0])(keys), axis=0)
    words = [[VOCABULARY[t] if t < len(VOCABULARY) else "?" for t in row if t > 4] for row in found]
    assert {row[0] for row in words} >= {"film", "?", "the"} and any(row[-1] == "film" for row in words)
    assert all("".join(row).count("?") % 3 == 0 for row in words)
    dropped = jax.vmap(lambda key: segment(inputs, texts.special, 14, key=key, dropout=0.3))(keys)
    share = np.mean(np.asarray(dropped[0])[:, 1:11] == VOCABULARY.index("[MASK]"))
    assert 0.25 < share < 0.35 and np.all(np.asarray(dropped[0])[:, [0, 11]] == texts.special[:2])


def test_groups_of_like_length():
    texts = encode(DATA, TOKENIZE)
    assert buckets(texts, 24) == sorted(set(buckets(texts, 24))) and buckets(texts, 24)[-1] == 24
    assert buckets(texts, 512)[-1] >= texts.counts.max() + 2
