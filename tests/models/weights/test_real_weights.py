"""The real weights on real photographs: reference logits and published accuracies."""

import csv

import jax
import numpy as np
import pytest
from PIL import Image

from jxai import models
from jxai.data.photos import fit, read_photo

FILES = {
    "vit_tiny": "vit_tiny_patch16_224_fp16.npz",
    "mobilenet_v2": "mobilenet_v2_1.0_224_quant.npz",
    "mobilenet_v1": "mobilenet_v1_0.25_128_quant.npz",
    "squeezenet": "squeezenet_v1.0_fp32.npz",
}
# Top-1 and top-5 in percent on 1000 images of which the 500 here are half.
ACCURACY = {
    "vit_tiny": (81.3, 95.7),
    "mobilenet_v2": (88.7, 98.0),
    "mobilenet_v1": (45.1, 71.9),
    "squeezenet": (65.5, 85.9),
}


def photographs(folder):
    with open(folder / "images/imagenet_500/labels.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return [folder / "images/imagenet_500" / row["file"] for row in rows], [int(row["index"]) for row in rows]


def shown(path, model):
    return fit(read_photo(path), model.size, crop=model.crop, resample=model.resample)


def logits(model, params, paths, batch=20):
    run = jax.jit(jax.vmap(lambda params, image: model.apply(params, model.preprocess(image)), (None, 0)))
    starts = range(0, len(paths), batch)
    batches = (np.stack([shown(path, model) for path in paths[i : i + batch]]) for i in starts)
    return np.concatenate([run(params, images) for images in batches])


def accuracy(logits, labels, model):
    order = np.argsort(-logits[:, model.label_offset :], axis=1)
    hits = order == np.array(labels)[:, None]
    return 100 * hits[:, 0].mean(), 100 * hits[:, :5].any(1).mean()


def reference(folder):
    with np.load(folder / "images/imagenet_500/vit_tiny_reference_logits.npz") as file:
        return file["logits"].astype(np.float32)


@pytest.mark.parametrize("name", FILES)
def test_twenty_photographs(shared_data, name):
    model, params = models.load(name, shared_data / "models" / FILES[name])
    paths, labels = photographs(shared_data)
    paths, labels = paths[::25], labels[::25]
    found = logits(model, params, paths)
    assert model.classes - model.label_offset == 1000
    assert accuracy(found, labels, model)[1] >= ACCURACY[name][1] - 16  # three of twenty
    if name == "vit_tiny":
        np.testing.assert_allclose(found, reference(shared_data)[::25], atol=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_five_hundred_photographs(shared_data, name):
    model, params = models.load(name, shared_data / "models" / FILES[name])
    paths, labels = photographs(shared_data)
    found = logits(model, params, paths)
    np.testing.assert_array_less(np.subtract(ACCURACY[name], 3), accuracy(found, labels, model))
    if name == "vit_tiny":
        expected = reference(shared_data)
        np.testing.assert_allclose(found, expected, atol=0.02)
        assert (found.argmax(1) == expected.argmax(1)).mean() >= 0.99


def test_bird_species(shared_data):
    path = shared_data / "models/mobilenet_v2_1.0_224_inat_bird_quant.npz"
    model, params = models.load("mobilenet_v2", path)
    names = (shared_data / "models/inat_bird_labels.txt").read_text().splitlines()
    assert (model.classes, model.label_offset, model.size) == (len(names), 0, 224) == (965, 0, 224)
    image = Image.open(shared_data / "images/demo/captum_swan.jpg").convert("RGB")
    assert image.size[0] > 0
    found = logits(model, params, [shared_data / "images/demo/captum_swan.jpg"])[0]
    assert "Swan" in names[found.argmax()] or "Goose" in names[found.argmax()], names[found.argmax()]


def test_a_file_of_another_architecture(shared_data):
    folder = shared_data / "models"
    with pytest.raises(ValueError, match="is a file of MobileNets .*, not of vit_tiny; load it as mobilenet_v1 or"):
        models.load("vit_tiny", folder / FILES["mobilenet_v2"])
    with pytest.raises(ValueError, match="does not fit mobilenet_v1"):
        models.load("mobilenet_v1", folder / FILES["mobilenet_v2"])
    with pytest.raises(ValueError, match="unknown kind of weight file"):
        models.load("mobilenet_v2", folder / "yolox_nano_weights.npz")
