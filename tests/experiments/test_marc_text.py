"""The experiment on rationales of texts, tiny: its table, its files, and what it says of the claims."""

import json

import jax
import numpy as np
import pytest

from experiments.marc_text.__main__ import Config, main
from experiments.marc_text.page import PAPER, claims
from experiments.marc_text.table import COLUMNS, plausibility
from jxai import models
from jxai.data.reviews import write as reviews_write
from jxai.data.tokens import word_vocabulary
from jxai.pipelines.checkpoints import describe_text_run
from jxai.run import checkpoints

pytest.importorskip("tokenizers", reason="tokenizers (extra `text`) is not installed")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A folder as `jxai train` leaves it, of a random network; reviews of the first sentences alone."""
    monkeypatch.setattr("experiments.marc_text.__main__.prepare", lambda devices=None: None)
    texts = [_short(reviews_write.write_review("test", k, seed=0)) for k in range(4)]
    monkeypatch.setattr("experiments.marc_text.data.reviews", lambda split, **counts: Source(texts))
    vocabulary = word_vocabulary([text["words"] for text in texts], 200)
    options = {"depth": 1, "width": 8, "heads": 2, "vocabulary": len(vocabulary), "length": 32, "classes": 2}
    about = {"model": "text_transformer", "options": options, "classes": ["negative", "positive"]}
    describe_text_run(tmp_path / "run", about | {"cased": False, "length": 32}, vocabulary)
    params = jax.tree.map(lambda leaf: 8 * leaf, models.text_transformer(**options).init(jax.random.key(0)))
    checkpoints.save(tmp_path / "run" / "best", params, {})
    return tmp_path


class Source(list):
    """Texts with the names of their classes."""

    classes = ("negative", "positive")


def _short(text):
    """Up to the end of the first marks, and so much before."""
    start, stop = text["rationale"][0]
    first = max(0, stop - 20)
    return {**text, "words": text["words"][first:stop], "rationale": [(max(start - first, 0), stop - first)]}


def test_table_and_files(run, capsys):
    whole = main(
        Config(
            weights=run / "run", texts=4, longest=0, steps=3, samples=8, permutations=2, window=2, path=3, shown=1,
            out=run / "out", table=run / "table", seed=1,
        )
    )  # fmt: skip
    assert set(whole["rows"]) == {*PAPER, "MaRC as released", "Random"}
    for found in whole["rows"].values():
        assert set(found["mean"]) == set(COLUMNS) and len(found["texts"]["mAP"]) == 4
        assert all(np.isfinite(value) for value in found["mean"].values())
        assert all(0 <= found["mean"][column] <= 1 for column in COLUMNS[:3]) and 0 < found["share"] <= 1
    assert json.loads((run / "table" / "marc_text.json").read_text()) == whole
    page = (run / "table" / "marc_text.md").read_text()
    assert page.count("\n| MaRC") == 2 * 6 and page.strip() in capsys.readouterr().out
    assert 0 < whole["marc"]["mean mask"] < 1
    figure = (run / "out" / "marc_text.html").read_text()
    assert figure.count('<figure class="jxai-text">') == 1 + 12 and list((run / "out").glob("*.png"))


def test_a_perfect_method_and_the_worst():
    gold = np.zeros((3, 12), bool)
    gold[0, 2:6] = gold[1, 1:5] = gold[2, 3:7] = True
    valid = np.ones_like(gold)
    best = plausibility(gold.astype(np.float32), gold, valid)
    np.testing.assert_allclose(best, [[1, 1, 1, 1 / 3]] * 3, atol=1e-6)
    assert plausibility(1 - gold.astype(np.float32), gold, valid)[:, 1].max() < 0.5


def test_claims_follow_the_differences_text_by_text():
    def row(values):
        return {"texts": {c: values for c in COLUMNS}, "mean": {c: float(np.mean(values)) for c in COLUMNS}}

    rows = {"MaRC": row([0.6, 0.7, 0.8]), "LIME": row([0.5, 0.6, 0.7]), "MaRC without noise": row([0.9, 0.4, 0.8])}
    said = claims(rows)
    assert len(said) == 3 + 5
    assert said[0].endswith("yes; ahead of LIME by 0.100 ± 0.000.")
    assert "undecided" in said[3] and "Suff: undecided; behind" not in said[6]


def test_movies_need_their_archive(run):
    with pytest.raises(ValueError, match="--source"):
        main(Config(data="movies", weights=run / "run"))
