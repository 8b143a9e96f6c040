"""The experiment on explanations in words: its measures on small cases, and the whole of it on a tiny network."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from experiments.experiment.claims import verdict
from experiments.experiment.results import run
from experiments.flex import __main__ as flex
from experiments.flex import tables as flex_tables
from experiments.flex.config import Config
from experiments.flex.data import Set, limited
from experiments.flex.explainers import PARTS_ONLY
from experiments.flex.masking import masking, named_features, random_like
from experiments.flex.networks import Network
from experiments.flex.page import REPORT
from experiments.flex.summary import summary
from experiments.flex.tables import measure
from experiments.flex.texts import HEADINGS, PAPER
from experiments.flex.truth import grammatical, states_of, true_share
from jxai.data.birds.source import birds_meta
from jxai.data.schema import Instance
from jxai.models import small_cnn
from jxai.train.image_batches import stack

SIDE, CLASSES = 16, 4
LAYERS, WIDTHS = ("block0", "features"), (4, 8)
NAMES = tuple(f"has_{part}_color::{colour}" for part in ("crown", "belly", "wing") for colour in ("red", "white"))


def some_network():
    model = small_cnn(classes=CLASSES, size=SIDE, widths=WIDTHS)
    return Network(model, model.init(jax.random.key(0)), LAYERS, 0.5)


def test_what_is_hidden_is_not_true():
    attributes = np.array([1, 0, 0, 1, 1, 0])  # red crown, white belly, red wings
    things = ("crown", "belly", "left wing", "right wing")
    share = lambda sentence, seen: true_share(  # noqa: E731
        sentence, attributes, np.array([(0, 0, s) for s in seen]), NAMES, things
    )
    assert share("a bird with a red crown and a red belly.", (1, 1, 1, 1)) == 0.5
    assert share("a bird with red wings.", (1, 1, 0, 1)) == 1
    assert share("a bird with red wings.", (1, 1, 0, 0)) == 0
    assert np.isnan(share("this is a bird.", (1, 1, 1, 1)))
    assert states_of("a bird with a red crown.", "crown", attributes, NAMES)
    assert not states_of("a bird with a white crown and a red belly.", "crown", attributes, NAMES)


@pytest.mark.parametrize(
    ("sentence", "right"),
    [
        ("this bird has an orange bill and black eyes.", True),
        ("this bird has a a bill.", False),
        ("this bird has a orange bill.", False),
        ("a bird with a bill and.", False),
        ("bird has a bill.", False),
        ("this bird has a bill", False),
    ],
)
def test_broken_sentences_are_seen(sentence, right):
    assert grammatical(sentence) is right


def test_random_features_are_as_many_of_each_layer():
    rng = np.random.default_rng(0)
    pool = rng.random((5, 12)) < 0.7
    chosen = pool & (rng.random((5, 12)) < 0.5)
    found = random_like(chosen, pool, WIDTHS, rng, 6)
    assert found.shape == (5, 6, 12) and not (found & ~pool[:, None]).any()
    for columns in (slice(0, 4), slice(4, 12)):
        assert (found[..., columns].sum(-1) == chosen[:, None, columns].sum(-1)).all()
    assert (found != found[:, :1]).any()


def test_features_are_named_by_their_words():
    words, said = np.array([2, 3, 2]), np.array([[0, 0, 1, 0], [0, 0, 0, 1]], bool)
    assert named_features(words, said, np.array([4, 1, 0])).tolist() == [[True, False, False], [False, True, False]]


def test_masking_switches_channels_off():
    net = some_network()
    images = np.random.default_rng(0).integers(0, 256, (3, SIDE, SIDE, 3), np.uint8)
    classes, every = np.array([0, 1, 2]), np.ones((3, 12), bool)
    named = {"nothing": np.zeros((3, 12), bool), "last": np.zeros((3, 12), bool)}
    named["last"][:, 4:] = True  # all of the last layer: what is left are the biases
    found = masking(net, images, classes, named, {"random": every}, WIDTHS, draws=2)
    for quality in ("drop", "random", "drop, as many"):
        np.testing.assert_allclose(found["nothing"][quality], 0, atol=1e-6)
    np.testing.assert_allclose(found["last"]["drop"], found["last"]["random"], atol=1e-6)
    np.testing.assert_allclose(found["last"]["drop, as many"], 0, atol=1e-6)  # the other method names nothing
    bias = jax.nn.softmax(net.params["classify"]["bias"])
    whole = [jxai.scores.probability(net.model.apply)(net.model.preprocess(jnp.asarray(image / 255)), c, net.params)
             for image, c in zip(images, classes, strict=True)]  # fmt: skip
    np.testing.assert_allclose(found["last"]["drop"], np.array(whole) - bias[classes], atol=1e-4)
    assert found["last"]["features off"].tolist() == [8, 8, 8]


def test_splits_are_cut_class_by_class():
    rows = [{"label": label} for label in (0, 0, 0, 1, 1, 2)]
    data = limited(_Holder({"train": rows, "val": rows, "test": rows}), 3, 5, 9)
    assert [row["label"] for row in data.captioned["train"]] == [0, 1, 2]
    assert [len(data.captioned[split]) for split in ("val", "test")] == [5, 6]


class _Holder:
    def __init__(self, captioned):
        self.captioned = captioned

    def _replace(self, captioned):
        return _Holder(captioned)


def claims_of(seeds):
    return summary([{"about": {}, "tables": tables, "sentences": []} for tables in seeds])["claims"]


def test_a_difference_that_changes_with_the_seed_is_undecided():
    rng = np.random.default_rng(0)
    seeds = [
        {"methods": {"FLEX": {"drel": rng.random(50) * 0.1 + at}, "GVE": {"drel": rng.random(50) * 0.1}}}
        for at in (0.1, 0.9)
    ]
    (claim,) = claims_of(seeds)
    assert claim["mean"] > 5 * claim["error"] and claim["over_seeds"] > 0.2 * claim["mean"]
    assert verdict(claim["mean"], claim["error"], claim["over_seeds"]) == "undecided"
    assert verdict(claim["mean"], claim["error"]) == "yes"


def test_there_is_no_ratio_to_what_may_be_nothing():
    seeds = [{"methods": {"FLEX": {"drel": np.full(9, 0.5)}, "GVE": {"drel": np.eye(9)[0] * at}}} for at in (1, 0)]
    (claim,) = claims_of(seeds)
    assert claim["mean"] > 0.4 and np.isnan(claim["factor"])


def test_an_unknown_name_ends_the_experiment():
    for setting, name in (("sets", "cats"), ("tables", "Table 1"), ("methods", "LIME")):
        with pytest.raises(SystemExit, match=f"--{setting}: expected some of .*, got '{name}'"):
            flex.main(Config(**{setting: (name,)}))


def test_written_page_has_the_papers_numbers(tmp_path):
    rng = np.random.default_rng(0)
    row = lambda at: {"drel": rng.random(20) * 0.1 + at, "BLEU-4": 0.3}  # noqa: E731
    off = {"drop": rng.random(20) + 1, "random": rng.random(20), "features off": np.full(20, 3.0)}
    tables = {
        "lambda": {"0.1": row(0.5), "0": row(0.4)},
        "methods": {"FLEX": row(0.5), "GVE": row(0.1)},
        "masking": {"FLEX": off},
    }
    said = [{"id": 1, "class": "a", "predicted": "b", "said": {"FLEX": "this bird has a bill."}}]
    about = {"protocol": "CUB", "accuracy": 0.8, "train": 9, "test": 20, "wrong": 4, "words": 8, "note": ""}
    found = {"about": about, "tables": tables, "sentences": said}
    run(REPORT, Config(table=tmp_path), [("made", summary([found])), ("made", summary([found, found]))])
    whole = json.loads((tmp_path / "flex.json").read_text())["results"]["made"]
    assert whole["tables"]["methods"]["FLEX"]["drel"]["mean"] == pytest.approx(tables["methods"]["FLEX"]["drel"].mean())
    expected = {"FLEX above GVE", "0.1 above 0", "FLEX above as many random features"}
    assert {claim["claim"] for claim in whole["claims"]} == expected
    page = (tmp_path / "flex.md").read_text()
    assert page.count("): yes; ahead by") == 3
    assert "17.85" in page and "this bird has a bill." in page and (tmp_path / "flex.png").exists()
    assert {title for _, title, _ in PAPER} <= set(HEADINGS)


COLOURS = ("red", "black", "white", "brown")


def some_birds(kind):
    """Pictures of noise, whose sentences tell the class."""
    rng, meta = np.random.default_rng(0), birds_meta(CLASSES)
    things = meta.part_names if kind == "points" else ("table", "sofa", "person")

    def row(number):
        label = number % CLASSES
        parts = np.concatenate([rng.uniform(0, SIDE, (len(things), 2)), np.ones((len(things), 1))], 1)
        named = ("bill", "belly") if kind == "points" else ("table", "sofa")
        captions = [f"this bird has a {COLOURS[label]} {named[k]}." for k in (0, 1, 0)]
        example = {"image": rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8), "label": label, "id": number}
        example |= {"captions": captions, "box": np.array([0, 0, SIDE, SIDE], np.float32)}
        if kind == "boxes":
            return example | {"instances": [Instance(k, (0, 0, 9, 9), True) for k in range(3)]}
        attributes = rng.integers(0, 2, len(meta.attribute_names)).astype(np.uint8)
        return example | {"parts": parts.astype(np.float32), "attributes": attributes}

    rows = {
        split: [row(number) for number in range(count)] for split, count in (("train", 72), ("val", 4), ("test", 8))
    }
    pictures = {split: stack(of) for split, of in rows.items()}
    return Set("made", kind, rows, pictures, meta.classes, things, meta if kind == "points" else None)


@pytest.mark.parametrize("kind", ["points", "boxes"])
def test_all_of_it_on_a_tiny_network(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(flex_tables, "LAMBDAS", (0.1, 0.01))
    data = some_birds(kind)
    methods = ("FLEX", PARTS_ONLY) if kind == "points" else ("FLEX",)
    tables = (
        ("methods", "insight", "annotation", "masking", "other class") if kind == "points" else ("held out", "lambda")
    )
    config = Config(methods=methods, tables=tables, k=2, epochs=2, hidden=8, captions=2, masked=4)
    found = measure(some_network(), data, config, tmp_path / "explainers", 0, lambda *progress: None)
    measured = found["tables"]
    assert set(measured["methods"]) == set(methods)
    assert ("true" in measured["methods"]["FLEX"]) == (kind == "points")
    for row in measured["methods"].values():
        assert row["drel"].shape == row["drel sampled"].shape == (8,) and 0 <= row["BLEU-4"] <= 1
        assert (np.isnan(row["drel sampled"]) == np.isnan(row["drel"])).all()
    if kind == "points":
        assert measured["masking"]["FLEX"]["drop"].shape == (4,)
        assert measured["other class"]["FLEX"]["changed"].shape == (8,)
        assert np.isfinite(measured["evidence"][PARTS_ONLY]["own"]).any()
        assert measured["annotation"]["near the point"]["all right"].shape == (8,)
    else:
        assert set(measured["held out"]) == {"FLEX"} and 0 <= measured["held out"]["FLEX"]["BLEU-4"] <= 1
        for quality in ("drel", "drel sampled"):
            of_lambda = {row: of[quality] for row, of in measured["lambda"].items()}
            np.testing.assert_array_equal(of_lambda["0.1"], measured["methods"]["FLEX"][quality])
            assert of_lambda["0.01"].shape == (8,)
    run(REPORT, Config(table=tmp_path), [("made", summary([found]))])
    assert len(json.loads((tmp_path / "flex.json").read_text())["results"]["made"]["sentences"]) == 8
