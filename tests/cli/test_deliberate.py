"""`jxai deliberate`: what it writes, that it is the library's result, and what it refuses."""

import json
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

import jxai
from jxai.cli.app import main
from jxai.data.birds.source import birds, birds_meta
from jxai.data.photos import fit, read_photo
from jxai.data.schema import SceneMeta
from jxai.models import save_arrays, small_cnn
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.hardness import load_hardness
from jxai.pipelines.shared_parts import shared_objects, shared_parts
from jxai.run.outputs import load_maps
from tests.tiny_runs import COUNTS, birds_run, hardness_run


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Birds are drawn once for all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def leave_jax_as_it_is(monkeypatch, cache):
    """The command line sets up JAX for its own process; tests have done so already."""
    monkeypatch.setattr("jxai.cli.job.prepare", lambda devices=None: None)
    monkeypatch.setenv("JXAI_CACHE", str(cache))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a photograph, weights of a small network of four classes, their names, and pictures of two."""
    folder = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (40, 48, 3), np.uint8)).save(folder / "photo.png")
    save_arrays(folder / "weights.npz", small_cnn(classes=4, size=64).init(jax.random.key(0)))
    (folder / "labels.txt").write_text("tabby, tabby cat\nred fox\ngrey fox\nowl\n")
    for name in ("tabby_cat", "003.owl"):
        (folder / "examples" / name).mkdir(parents=True)
        Image.fromarray(np.full((9, 9, 3), 200, np.uint8)).save(folder / "examples" / name / "one.png")
    return folder


def deliberate(place, *more, photo="photo.png"):
    given = ["--weights", str(place / "weights.npz"), "--model", "small_cnn", "--labels", str(place / "labels.txt")]
    photos = [str(place / photo)] if photo else []
    main(["deliberate", *photos, *given, "--compete", "4", "--out", str(place / "out"), *more])


def of_run(run, out, *more):
    main(["deliberate", "--weights", str(run), "--compete", "4", "--out", str(out), *more])


def refused(capsys, call, out):
    with pytest.raises(SystemExit, match="2"):
        call()
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("jxai: ")]
    assert not out.exists()
    return line


def words(page):
    text = re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]+>", " ", page.read_text(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("variant", ["paper", "released"])
def test_a_photograph_as_the_library_has_it(place, capsys, variant):
    printed = ["--as-printed"] if variant == "paper" else []
    deliberate(place, "--difficulty", "entropy", "--coverage", "0.2", "--examples", str(place / "examples"), *printed)
    out, (raw, about) = place / "out", load_maps(place / "out" / "photo.npz")
    model, params, _ = load_weights("small_cnn", place / "weights.npz")
    x = model.preprocess(
        jnp.asarray(fit(read_photo(place / "photo.png"), 64, crop=model.crop, resample=model.resample))
    )
    score = jxai.scores.entropy(model.apply)
    given = {"at": model.features, "classes": 4, "coverage": 0.2, "size": (64, 64), "variant": variant}
    expected = jxai.deliberative(model.apply, score, **given)(x, params)
    for name, values in expected._asdict().items():
        scale = float(np.abs(values).max()) if values.dtype != bool else 1
        np.testing.assert_allclose(raw[f"insecurities/{name}"], values, atol=1e-4 * scale, err_msg=name)
    assert raw["classes"].shape == (4, *raw["difficulty"].shape) and raw["insecurities/mask"].dtype == bool
    np.testing.assert_allclose(raw["score"], score(x, params), rtol=1e-5)
    assert set(about["classes"]) == {"tabby, tabby cat", "red fox", "grey fox", "owl"}

    said = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"photo: .+ \d+\.\d%, entropy \d\.\d{3}", said[0])
    ranked = [re.fullmatch(r" +(\d+)\. (.+) / (.+)  strength (.+)", line).groups() for line in said[1:-1]]
    strengths = [float(strength) for *_, strength in ranked]
    assert strengths == sorted(strengths, reverse=True) and ranked[0][0] == "1"
    pictures = sorted(out.glob("photo_*.png"))
    assert len(pictures) == min(len(ranked), 5)
    page = words(out / "report.html")
    assert "entropy" in page and f"{ranked[0][1]} or {ranked[0][2]} ?" in page.replace("?", " ?").replace("  ", " ")
    assert 'alt="example of owl"' in (out / "report.html").read_text()
    record = json.loads((out / "provenance.json").read_text())
    assert record["difficulty"] == "entropy" and record["arguments"]["deliberation"]["coverage"] == 0.2


def test_the_hardest_test_images_of_a_run(tmp_path, capsys):
    run = birds_run(tmp_path / "run")
    of_run(run, tmp_path / "out", "--hardest", "2", "--most", "3", "--attribution", "first_order", "--as-printed")
    model, params, classes = load_weights(None, run)
    source = birds("test", species=6, size=32, **COUNTS)
    images = np.stack([source[k]["image"] for k in range(len(source))]) / np.float32(255)
    hesitancy = jax.vmap(lambda i: jxai.scores.hesitancy(model.apply)(model.preprocess(i), params))(jnp.asarray(images))
    hardest = np.argsort(-np.asarray(hesitancy))[:2]
    said = capsys.readouterr().out
    assert [int(n) for n in re.findall(r"^test_(\d+):", said, re.MULTILINE)] == hardest.tolist()
    assert len(list((tmp_path / "out").glob("test_*_or_*.png"))) == 6
    page = words(tmp_path / "out" / "report.html")
    assert f"true label: {classes[source[int(hardest[0])]['label']]}" in page and "Shared" in page
    assert "The 3 strongest of 6 pairs" in page


def test_hardness_is_the_predictors(tmp_path):
    hard, run = hardness_run(tmp_path / "hard"), birds_run(tmp_path / "run")
    of_run(
        run, tmp_path / "out", "--test", "5", "--hardness", str(hard), "--attribution", "first_order", "--as-printed"
    )
    raw, _ = load_maps(tmp_path / "out" / "test_5.npz")
    loaded = load_hardness(hard)
    image = birds("test", species=6, size=32, **COUNTS)[5]["image"].astype(np.float32) / 255
    x = loaded.model.preprocess(jnp.asarray(image))
    np.testing.assert_allclose(raw["score"], loaded.predictor.apply(loaded.params, x), rtol=1e-5)
    method = jxai.first_order(lambda x, params: loaded.predictor.apply(params, x), at=loaded.model.features)
    expected = np.asarray(method(x, loaded.params))
    np.testing.assert_allclose(raw["difficulty"], expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--difficulty", "hardness"], "--hardness"),
        (["--compete", "5"], "classes must be 2 to the 4 classes"),
        (["--candidates", "1"], "candidates must be 2 to"),
        (["--coverage", "1.5"], "within 0.01 to 0.9, got 1.5"),
        (["--most", "0"], "at least one insecurity"),
        (["--at", "block99"], "unknown layer"),
        (["--hardest", "3"], "photographs or test images, not both"),
        (["--examples", "nowhere"], "expected a folder with one folder a class"),
        (["--hardness", "nowhere"], "jxai train hardness run"),
    ],
)
def test_wrong_words_get_one_line(place, capsys, more, says):
    assert says in refused(capsys, lambda: deliberate(place, *more), place / "out")


def test_wrong_places_get_one_line(place, capsys):
    out = place / "out"
    assert "expected photographs, or test images" in refused(capsys, lambda: deliberate(place, photo=None), out)
    assert "got a weight file" in refused(capsys, lambda: deliberate(place, "--test", "1", photo=None), out)
    assert "no such file" in refused(capsys, lambda: deliberate(place, photo="absent.png"), out)
    (place / "examples" / "oul").mkdir()
    given = ["--examples", str(place / "examples")]
    assert "is it owl" in refused(capsys, lambda: deliberate(place, *given), out)
    run, hard = birds_run(place / "run"), hardness_run(place / "hard", species=8)
    assert "test images 0 to 11" in refused(capsys, lambda: of_run(run, out, "--test", "12"), out)
    given = ["--test", "0", "--hardness", str(hard)]
    assert "the network is another" in refused(capsys, lambda: of_run(run, out, *given), out)
    assert "--source" in refused(capsys, lambda: of_run(run, out, "--test", "0", "--data", "cub"), out)


def test_shared_parts_are_those_with_the_same_attributes():
    meta = birds_meta(8)
    found = {part.name: part for part in shared_parts(meta, 0, 1, None)}
    assert "crown" not in found and "beak" in found  # Grey-crowned and Rufous-crowned Marsh Finch
    assert any("bill shape: " in word for word in found["beak"].words)
    assert all(part.point is None for part in found.values())
    same = {part.name for part in shared_parts(meta, 0, 0, None)}
    assert {name.removeprefix("left ").removeprefix("right ") for name in meta.part_names} == same
    assert set(found) < same


def test_shared_objects_are_frequent_in_both():
    frequencies = np.array([[0.9, 0.4, 0.2, np.nan], [0.5, 0.9, 0.9, 0.9]], np.float32)
    meta = SceneMeta(("a", "b"), ("wall", "rug", "sofa", "bed"), frequencies)
    masks = np.array([[0, 2, 2, 2], [0, 0, 0, 0]], np.uint8)
    found = shared_objects(meta, 0, 1, {"masks": masks})
    assert [part.name for part in found] == ["rug", "wall"]
    assert found[0].point == (2.5 / 4, 0.5 / 2) and found[1].point is None
