"""`jxai explain --method marc`: what it writes, that it is the library's result, and which scores it refuses."""

import json
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

import jxai
from jxai.cli.app import main
from jxai.data.photos import fit, read_photo
from jxai.explainers.masks.grid_mask import image_mask
from jxai.models import save_arrays, small_cnn, vit
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.marc import background_names
from jxai.pipelines.methods import score_name
from jxai.pipelines.options import Options
from jxai.run.outputs import load_maps

pytestmark = pytest.mark.optimised


@pytest.fixture(autouse=True)
def leave_jax_as_it_is(monkeypatch):
    """The command line sets up JAX for its own process; tests have done so already."""
    monkeypatch.setattr("jxai.cli.job.prepare", lambda devices=None: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a photograph, a plain one, and weights of a small network of four classes."""
    folder = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (40, 40, 3), np.uint8)).save(folder / "photo.png")
    Image.fromarray(np.full((40, 40, 3), 90, np.uint8)).save(folder / "plain.png")
    model = small_cnn(classes=4, size=64)
    save_arrays(folder / "weights.npz", model.init(jax.random.key(0)))
    (folder / "labels.txt").write_text("tabby\nfox\nwolf\nowl\n")
    return folder


def explain(place, *more, photo="photo.png"):
    given = ["--weights", str(place / "weights.npz"), "--model", "small_cnn", "--labels", str(place / "labels.txt")]
    main(["explain", str(place / photo), *given, "--out", str(place / "out"), "--steps", "4", *more])


def refused(capsys, place, *more, **where):
    with pytest.raises(SystemExit, match="2"):
        explain(place, *more, **where)
    assert not (place / "out").exists()
    return capsys.readouterr().err


def test_writes_mask_rationale_and_complement(place):
    explain(place, "--method", "marc", "gradient", "--target", "fox", "owl")
    out = place / "out"
    record = json.loads((out / "provenance.json").read_text())
    assert record["baseline"] == "black; marc: black, white, mean"
    raw, about = load_maps(out / "photo.npz")
    mask, (whole, kept, left) = raw["1/marc"], raw["1/marc/probabilities"]
    assert about["score"] == "marc: log_mixture, gradient: logit"
    assert mask.shape == (64, 64) and 0 < mask.min() < mask.max() < 1

    model, params, _ = load_weights("small_cnn", place / "weights.npz")
    image = jnp.asarray(fit(read_photo(place / "photo.png"), 64, crop=model.crop, resample=model.resample))
    colours = [jnp.zeros_like(image), jnp.ones_like(image), jnp.zeros_like(image) + image.mean((0, 1))[None, None]]
    method = jxai.marc(
        jxai.scores.log_mixture(model.apply),
        mask=image_mask(sparsity=0.6, variant="released"),
        steps=4,
    )
    backgrounds = jnp.stack([model.preprocess(colour) for colour in colours])
    expected = method(model.preprocess(image), 1, params, backgrounds=backgrounds)
    np.testing.assert_allclose(mask, expected, rtol=1e-4, atol=1e-5)

    def likely(mask, colour):
        mixed = mask[..., None] * image + (1 - mask[..., None]) * colour
        return float(jax.nn.softmax(model.apply(params, model.preprocess(mixed)))[1])

    mask = jnp.asarray(mask)
    np.testing.assert_allclose(whole, likely(jnp.ones_like(mask), image), rtol=1e-4)
    np.testing.assert_allclose(kept, np.mean([likely(mask, colour) for colour in colours]), rtol=1e-4)
    np.testing.assert_allclose(left, np.mean([likely(1 - mask, colour) for colour in colours]), rtol=1e-4)
    for part in ("", "_rationale", "_complement"):
        with Image.open(out / f"photo_3_owl_marc{part}.png") as picture:
            assert picture.size == (224, 224)
    page = re.sub(r"<[^>]+>|data:[^\"]+", " ", (out / "report.html").read_text())
    for said in ("marc: rationale", "marc: complement", f"probability {kept:.1%}", f"{whole:.1%} for the picture"):
        assert said in page


def test_a_log_score_is_honoured_and_others_are_refused(place, capsys):
    for score in ("logit", "probability", "mixture"):
        said = refused(capsys, place, "--method", "marc", "--score", score)
        assert "log-probability" in said and score in said
    assert "log-probability" in refused(capsys, place, "--method", "smoothgrad", "--over", "marc", "--score", "logit")
    explain(place, "--method", "marc", "--score", "log_sigmoid", "--baseline", "white")
    _, about = load_maps(place / "out" / "photo.npz")
    assert about["score"] == "log_sigmoid"


def test_a_picture_that_equals_its_background_is_refused(place, capsys):
    said = refused(capsys, place, "--method", "marc", "--baseline", "mean", photo="plain.png")
    assert "marc" in said and "equals its backgrounds" in said
    assert "variant" in refused(capsys, place, "--method", "marc", "--variant", "printed")
    assert "steps must be above zero" in refused(capsys, place, "--method", "marc", "--steps", "0")


def test_settings_follow_the_network():
    cnn, transformer = small_cnn(), vit(size=32, patch=8, width=8, depth=1, heads=2, classes=3)
    assert score_name("marc", cnn, Options()) == "log_mixture"
    assert score_name("marc", transformer, Options()) == "log_probability"
    assert score_name("marc", transformer, Options(score="log_mixture")) == "log_mixture"
    assert score_name("gradient", cnn, Options()) == "logit"
    assert background_names(cnn, Options()) == ("black", "white", "mean")
    assert background_names(transformer, Options()) == ("blur",)
    assert background_names(transformer, Options(baseline="black")) == ("black",)
