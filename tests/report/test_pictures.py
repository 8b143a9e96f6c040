"""Maps in colours: what zero, signs, outliers and sizes do."""

import numpy as np
import pytest
from PIL import Image

from jxai.report.colours import DIVERGING, SEQUENTIAL
from jxai.report.pictures import enlarge, heat, is_signed, limit, overlay, rgb, save_png


def signed_map(h=6, w=8):
    return np.random.default_rng(0).normal(size=(h, w))


def photograph(h=48, w=64):
    return np.random.default_rng(1).integers(0, 256, (h, w, 3), dtype=np.uint8)


def test_heat_equals_the_colour_map_by_hand():
    map = signed_map()
    for signed, colours in ((True, DIVERGING), (False, SEQUENTIAL)):
        largest = np.percentile(np.abs(map if signed else np.maximum(map, 0)), 99)
        expected = np.empty((6, 8, 3))
        for i, j in np.ndindex(6, 8):
            level = min(max(map[i, j] / largest, -1.0), 1.0)
            expected[i, j] = colours((level + 1) / 2 if signed else max(level, 0.0))[:3]
        np.testing.assert_array_equal(heat(map, signed=signed), np.round(expected * 255).astype(np.uint8))


def test_heat_is_symmetric_and_independent_of_units():
    map = signed_map()
    np.testing.assert_array_equal(heat(map), heat(map * 1e-12))
    np.testing.assert_array_equal(heat(map), heat(map.astype(np.float32) * np.float32(1024)))
    blue, orange = heat(np.array([[-1.0, 1.0]]), percentile=100)[0]
    assert blue[2] > blue[0] and orange[0] > orange[2]


def test_outliers_do_not_hide_the_rest():
    map = np.tile(np.linspace(0.0, 1.0, 20), (20, 1))
    map[0, 0] = 1e6
    assert heat(map)[10, -1].tolist() == heat(np.clip(map, 0, 1))[10, -1].tolist()
    assert np.ptp(heat(map, percentile=100)[10], axis=0).max() == 0


def test_sparse_and_empty_maps():
    sparse = np.zeros((40, 40))
    sparse[3, 4] = 2.0
    assert limit(sparse) == 2.0  # its 99th percentile is 0
    assert heat(sparse)[3, 4].tolist() == [252, 255, 164]
    assert (heat(np.zeros((4, 4)), signed=True) == 255).all()
    assert np.ptp(heat(np.zeros((4, 4))), axis=(0, 1)).max() == 0


def test_shared_limit():
    small, large = np.full((2, 2), 1.0), np.full((2, 2), 2.0)
    shared = limit(small, large, percentile=100)
    assert shared == 2.0
    assert heat(small, limit=shared).sum() < heat(large, limit=shared).sum()


def test_sign_is_found():
    assert is_signed(signed_map()) and not is_signed(np.abs(signed_map()))
    np.testing.assert_array_equal(heat(signed_map()), heat(signed_map(), signed=True))


def test_overlay_of_nothing_is_a_pale_image_and_of_much_is_the_colour():
    image, map = photograph(), np.zeros((6, 8))
    for signed, strongest in ((True, DIVERGING(1.0)), (False, SEQUENTIAL(1.0))):
        nothing = overlay(image, map, signed=signed)
        grey = image @ np.array([0.299, 0.587, 0.114])
        assert np.corrcoef(nothing.mean(-1).ravel(), grey.ravel())[0, 1] > 0.99
        much = overlay(image, map + 1, signed=signed, alpha=1.0)
        np.testing.assert_allclose(much, np.broadcast_to(np.array(strongest[:3]) * 255, much.shape), atol=0.51)


def test_overlay_resizes_smoothly_to_any_size():
    map = np.zeros((7, 7))
    map[3, 3] = 1.0
    for size in ((48, 64), (224, 224), (5, 3)):
        assert overlay(photograph(*size), map).shape == (*size, 3)
    lit = overlay(np.zeros((224, 224, 3), np.uint8), map).astype(int).sum(-1)
    centre = np.array(np.unravel_index(lit.argmax(), lit.shape))
    assert np.abs(centre - 111.5).max() < 20
    assert np.abs(np.diff(lit, axis=0)).max() < 150  # repeated pixels would make steps of 500 and more


def test_images_of_every_kind():
    image = photograph()
    np.testing.assert_array_equal(rgb(image / 255.0), image)
    np.testing.assert_array_equal(rgb((image / 255).astype(np.float32)), image)
    np.testing.assert_array_equal(rgb(image[..., 0]), np.repeat(image[..., :1], 3, -1))
    np.testing.assert_array_equal(rgb(image[..., :1]), np.repeat(image[..., :1], 3, -1))


def test_enlarged_keeps_proportions_and_large_images():
    assert enlarge(photograph(48, 64), side=96).shape == (96, 128, 3)
    np.testing.assert_array_equal(enlarge(photograph(), side=32), photograph())


def test_save_png(tmp_path):
    save_png(tmp_path / "new" / "a.png", photograph())
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "new" / "a.png")), photograph())


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: heat(np.zeros((4, 4, 3))), "reduce the channels first"),
        (lambda: heat(np.zeros((0, 4))), r"expected a map \[h, w\]"),
        (lambda: heat(np.array([[np.nan, 1.0]])), "finite numbers in a map, got 1"),
        (lambda: heat(np.eye(2), percentile=120), "percentile within 0..100, got 120"),
        (lambda: rgb(np.zeros((4, 4, 4), np.uint8)), r"got shape \(4, 4, 4\)"),
        (lambda: rgb(np.full((4, 4, 3), -1.0)), "undo the model's preprocessing"),
        (lambda: rgb(np.zeros((4, 4, 3), np.int32)), "expected an image of uint8"),
    ],
)
def test_refusals(make, match):
    with pytest.raises(ValueError, match=match):
        make()
