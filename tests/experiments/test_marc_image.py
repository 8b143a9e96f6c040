"""The experiment of MaRC's Table 2, tiny: two random networks, two pictures, few steps."""

import dataclasses

import jax
import numpy as np
import pytest

from experiments.experiment.results import run
from experiments.marc_image import __main__ as marc_image
from experiments.marc_image import methods as marc_image_methods
from experiments.marc_image.figures import compare_methods
from experiments.marc_image.methods import PAPER, Effort
from experiments.marc_image.page import REPORT
from experiments.marc_image.pictures import of_arrays
from experiments.marc_image.summary import claim, summary
from jxai.models import small_cnn, vit

EFFORT = Effort(steps=2, large=2, rate=0.1, perturb=2, path=2, across=4, fractions=2)


def pictures(name, model):
    images = np.random.default_rng(0).uniform(size=(2, model.size, model.size, 3)).astype(np.float32)
    labels = np.array([0, 2], np.int32)
    return of_arrays(name, model, model.init(jax.random.key(0)), images, labels, ["a", "b", "c"])


@pytest.fixture
def few(monkeypatch):
    """Some methods of each kind: the command line's tests run them all."""
    some = {"MaRC", "M-Perturb", "Exc-BP", "Saliency", "Attribution"}
    table = {label: row for label, row in marc_image_methods.METHODS.items() if label in some}
    monkeypatch.setattr(marc_image_methods, "METHODS", table)


def test_every_network_has_the_methods_of_the_paper():
    transformer = vit(size=16, patch=4, width=8, depth=1, heads=2, classes=3)
    for kind, model in {"cnn": small_cnn(classes=3, size=32), "vit": transformer}.items():
        assert set(marc_image_methods.rows(model)) - {"random"} == set(PAPER[kind])


@pytest.mark.optimised
def test_table_and_figures_of_a_small_network(tmp_path, few):
    given = pictures("small_cnn", small_cnn(classes=3, size=32))
    config = marc_image.Config(effort=EFFORT, table=tmp_path / "results", longer=("small_cnn",), out=tmp_path)
    found = marc_image.evaluate(given, config)
    assert set(found) == {"MaRC", "MaRC, longer", "MaRC, eq. 1", "M-Perturb", "Exc-BP", "Saliency"}
    for measured in found.values():
        assert measured.maps.shape == (2, 32, 32) and np.abs(measured.maps).max() == 1
        assert np.isfinite(measured.sufficiency).all() and np.isfinite(measured.comprehensiveness).all()
    assert set(found["MaRC"].masks) == {"area", "picture", "rationale", "complement"} and not found["Saliency"].masks
    assert (found["Saliency"].maps >= 0).all() and np.ptp(found["MaRC"].maps - found["MaRC, longer"].maps) > 0

    compare_methods("small_cnn", given, {label: row.maps for label, row in found.items()}, tmp_path)
    assert (tmp_path / "figure2_small_cnn.png").is_file() and (tmp_path / "figure2_small_cnn.html").is_file()
    settings = {"effort": dataclasses.asdict(EFFORT), "full": False}
    run(REPORT, config, [("small_cnn", summary(given, found, EFFORT))], config=settings)
    numbers = REPORT.read(tmp_path / "results")["results"]["small_cnn"]
    assert numbers["run"]["config"] == settings
    np.testing.assert_allclose(numbers["methods"]["MaRC"]["sufficiency"], found["MaRC"].sufficiency, atol=1e-4)
    page = (tmp_path / "results" / "marc_image.md").read_text()
    assert "(0.196)" in page and "(0.612)" in page and "MaRC is " in page
    assert "too few images to tell" in page and "would not stop yet" in page


def test_a_transformer_has_its_own_methods(few):
    given = pictures("vit", vit(size=16, patch=4, width=8, depth=1, heads=2, classes=3))
    found = marc_image.evaluate(given, marc_image.Config(effort=EFFORT))
    assert set(found) == {"MaRC", "M-Perturb", "Saliency", "Attribution"}
    assert all(row.maps.shape == (2, 16, 16) for row in found.values())


def test_the_claim_compares_picture_by_picture():
    values = {"MaRC": np.array([0.1, 0.3]), "MaRC, longer": np.zeros(2), "A": np.array([0.3, 0.4]), "B": np.ones(2)}
    found = claim(values, lower=True)
    assert (found["place"], found["of"], found["other"]) == (1, 3, "A")
    np.testing.assert_allclose([found["ahead"], found["error"]], [0.15, 0.05])
    found = claim(values, lower=False)
    assert (found["place"], found["other"]) == (3, "B") and found["ahead"] < 0


def test_absent_photographs_are_left_out_with_a_message(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JXAI_DATA", str(tmp_path / "absent"))
    monkeypatch.setattr(marc_image, "prepare", lambda: None)
    with pytest.raises(SystemExit, match="nothing was measured"):
        marc_image.main(marc_image.Config(networks=("vit_tiny",), out=tmp_path / "out", table=tmp_path))
    assert "vit_tiny: left out" in capsys.readouterr().out
