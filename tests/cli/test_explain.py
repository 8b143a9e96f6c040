"""The command line on good and bad input: what it writes, what it says, and its exit codes."""

import json
from html.parser import HTMLParser

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

import jxai
from jxai.cli import job
from jxai.cli.app import main
from jxai.data.photos import fit, read_photo
from jxai.models import save_arrays, small_cnn
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.methods import methods
from jxai.run.outputs import load_maps
from tests.tiny_runs import fewer_examples

METHODS = ["gradient", "grad_cam", "idgi"]
QUICK = ["--steps", "3", "--samples", "2", "--chunk", "2"]


@pytest.fixture(autouse=True)
def leave_jax_as_it_is(monkeypatch):
    """The command line sets up JAX for its own process; tests have done so already."""
    for module in ("job", "demo", "train_classifier"):
        monkeypatch.setattr(f"jxai.cli.{module}.prepare", lambda devices=None: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a photograph, weights of a small network of four classes, and their names."""
    folder = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (48, 64, 3), np.uint8)).save(folder / "photo.png")
    model = small_cnn(classes=4, size=64)
    save_arrays(folder / "weights.npz", model.init(jax.random.key(0)))
    (folder / "labels.txt").write_text("tabby, tabby cat\nred fox\ngrey fox\nowl\n")
    return folder


def explain(place, *more, photo="photo.png", weights="weights.npz", out="out"):
    main(
        ["explain", str(place / photo), "--weights", str(place / weights), "--model", "small_cnn", "--out"]
        + [str(place / out), "--labels", str(place / "labels.txt"), *QUICK, *more]
    )


def refused(capsys, place, *more, **where):
    with pytest.raises(SystemExit) as stop:
        explain(place, *more, **where)
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    (line,) = [line for line in said.strip().splitlines() if line.startswith("jxai: ")]
    assert not (place / where.get("out", "out")).exists()
    assert not [left for left in place.iterdir() if left.name.startswith(".")]
    return line


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.images, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.optimised
def test_explains_a_photograph(place, capsys):
    explain(place, "--method", *METHODS, "--target", "top", "tabby", "2", "--measure")
    out = place / "out"
    raw, about = load_maps(out / "photo.npz")
    tabby = {name for name in raw if name.startswith("0/")}
    assert tabby == {f"0/{method}" for method in METHODS}
    assert raw["0/gradient"].shape == (64, 64, 3)
    assert "score" in about
    for method in METHODS:
        with Image.open(out / f"photo_0_tabby_{method}.png") as picture:
            assert picture.size == (224, 224)
    page = Page((out / "report.html").read_text())
    text = " ".join(page.words)
    assert "photo.png" in text and "tabby" in text and "deletion" in text
    assert all(image["src"].startswith("data:") and image["alt"] for image in page.images)
    record = json.loads((out / "provenance.json").read_text())
    assert record["arguments"]["options"]["steps"] == 3
    assert "report.html" in capsys.readouterr().out


@pytest.mark.optimised
def test_result_is_that_of_the_library(place):
    explain(place, "--method", "integrated_gradients", "--target", "3", "--baseline", "white",
            "--measure", "completeness_gap")  # fmt: skip
    raw, _ = load_maps(place / "out" / "photo.npz")
    model, params, _ = load_weights("small_cnn", place / "weights.npz")
    image = jnp.asarray(fit(read_photo(place / "photo.png"), 64, crop=model.crop, resample=model.resample))
    x, white = model.preprocess(image), model.preprocess(jnp.ones_like(image))
    score = jxai.scores.logit(model.apply)
    expected = jxai.integrated_gradients(score, steps=3)(x, 3, params, baseline=white)
    np.testing.assert_allclose(raw["3/integrated_gradients"], expected, rtol=1e-4, atol=1e-6)
    words = " ".join(Page((place / "out" / "report.html").read_text()).words)
    assert "completeness gap" in words and "deletion" not in words


ATTENTION = {"attention_relevance", "attention_rollout", "raw_attention", "transition_attention_maps"}


SOME = "permutation_importance kernel_shap xrai deep_shap random_map"


@pytest.mark.optimised
@pytest.mark.parametrize(
    "names", [SOME.split(), pytest.param(sorted(set(methods()) - ATTENTION), marks=pytest.mark.slow)]
)
def test_every_method_has_a_map(place, names):
    explain(place, "--method", *names, "--target", "1", "--count", "4")
    raw, _ = load_maps(place / "out" / "photo.npz")
    assert {name.split("/")[1] for name in raw} == set(names)
    assert all(np.isfinite(value).all() for value in raw.values())


def test_attention_of_a_network_without_any_is_refused(place, capsys):
    with pytest.raises(SystemExit, match="2"):
        explain(place, "--method", "attention_rollout")
    assert "no tap matches '*/attention'" in capsys.readouterr().err and not (place / "out").exists()


def test_existing_folder_is_kept_unless_told(place, capsys):
    explain(place, "--method", "gradient")
    before = (place / "out" / "photo.npz").read_bytes()
    with pytest.raises(SystemExit, match="2"):
        explain(place, "--method", "grad_cam")
    assert "--overwrite" in capsys.readouterr().err
    assert (place / "out" / "photo.npz").read_bytes() == before
    explain(place, "--method", "grad_cam", "--overwrite")
    assert (place / "out" / "photo.npz").read_bytes() != before


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--method", "integrated_gradient"], "did you mean integrated_gradients"),
        (["--score", "logits"], "did you mean logit"),
        (["--measure", "deletio"], "unknown measure 'deletio'; did you mean deletion"),
        (["--measure", "pointing_game"], "pointing_game needs region"),
        (["--baseline", "grey"], "unknown baseline 'grey'"),
        (["--at", "block99"], "unknown layer 'block99'"),
        (["--target", "4"], "classes 0 to 3"),
        (["--target", "fox"], "fits 2 classes"),
        (["--target", "tabbi"], "did you mean tabby"),
        (["--over", "smoothgrad", "--method", "vargrad"], "builds on another"),
        (["--steps", "0", "--method", "integrated_gradients"], "steps must be above zero"),
    ],
)
def test_wrong_words_get_one_line(place, capsys, more, says):
    assert says in refused(capsys, place, *more)


def test_bad_files_get_one_line(place, capsys):
    (place / "empty.jpg").write_bytes(b"")
    (place / "text.jpg").write_text("no picture")
    whole = (place / "photo.png").read_bytes()
    (place / "half.png").write_bytes(whole[: len(whole) // 2])
    assert "empty" in refused(capsys, place, photo="empty.jpg")
    assert "none" in refused(capsys, place, photo="text.jpg")
    assert "truncated or damaged" in refused(capsys, place, photo="half.png")
    assert "no such file" in refused(capsys, place, photo="absent.png")
    assert "absent.npz" in refused(capsys, place, weights="absent.npz")
    (place / "broken.npz").write_bytes(b"PK damaged")
    assert "broken.npz" in refused(capsys, place, weights="broken.npz")
    (place / "labels.txt").write_text("one\ntwo\n")
    assert "2 names, but the model has 4 classes" in refused(capsys, place)


def test_wrong_and_sick_weights_get_one_line(place, capsys):
    with np.load(place / "weights.npz") as file:
        arrays = dict(file)
    first = next(iter(arrays))
    np.savez(place / "nan.npz", **{**arrays, first: np.full_like(arrays[first], np.nan)})
    assert "NaN" in refused(capsys, place, weights="nan.npz")
    np.savez(place / "less.npz", **{name: value for name, value in arrays.items() if name != first})
    assert first in refused(capsys, place, weights="less.npz")
    with pytest.raises(SystemExit):
        main(["explain", str(place / "photo.png"), "--weights", str(place / "weights.npz"), "--model", "vit_tini"])
    assert "did you mean vit_tiny" in capsys.readouterr().err


def test_a_score_that_is_no_number_gets_one_line(place, capsys, monkeypatch):
    monkeypatch.setattr(jxai.scores, "logit", lambda apply: lambda x, label, params: apply(params, x))
    assert "one number" in refused(capsys, place, "--method", "gradient")


def test_failing_halfway_leaves_nothing(place, capsys, monkeypatch):
    def fail(*args):
        raise OSError("the disk is full")

    monkeypatch.setattr(job, "write_page", fail)
    assert "disk is full" in refused(capsys, place, "--method", "gradient")


def test_list_names_everything(capsys):
    main(["list"])
    said = capsys.readouterr().out
    assert all(name in said for name in (*methods(), "small_cnn", "vit_tiny", "birds"))


def test_demo_writes_a_report_and_reuses(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JXAI_CACHE", str(tmp_path / "cache"))
    fewer_examples(monkeypatch, "birds", 128, 32, 32)
    arguments = ["demo", "--out", str(tmp_path / "demo"), "--species", "4", "--size", "32", "--epochs", "1"]
    arguments += ["--images", "2", "--measured", "4", "--method", "gradient", "layer_cam", *QUICK]
    main(arguments)
    page = Page((tmp_path / "demo" / "report.html").read_text())
    assert len(page.images) == 2 * 3
    assert "insertion" in " ".join(page.words)
    maps, _ = load_maps(tmp_path / "demo" / "maps" / "gradient.npz")
    assert maps["attributions"].shape == (4, 32, 32, 3)
    stamp = (tmp_path / "demo" / "weights" / "metrics.jsonl").read_text()
    main(arguments)
    assert (tmp_path / "demo" / "weights" / "metrics.jsonl").read_text() == stamp
    capsys.readouterr()
    arguments = [
        "train",
        "classifier",
        "--out",
        str(tmp_path / "demo" / "weights"),
        "--batch",
        "32",
        "--species",
        "4",
        "--size",
        "32",
        "--epochs",
        "1",
    ]
    main(arguments)
    assert "test accuracy" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main([*arguments[:-1], "2"])
    assert len(capsys.readouterr().err.strip().splitlines()) >= 1
