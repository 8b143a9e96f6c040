"""Points and masks of insecurities: at the borders, and the released code's own numbers.

`fixtures/deliberative_metrics.npz` holds inputs and outputs of the released code of Wang and Vasconcelos (2019) on
CUB's protocol with a small network of 24 classes, by the first-order attribution (3 images of 400 x 300 pixels).
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import metrics
from jxai.data.cub.parts import PART_RANGES
from tests.paths import FIXTURES

COVERAGES = (0.1, 0.25, 0.5, 0.9, 1.0)
OPTIONS = ("coverages", "variant")
points_quality = jax.jit(metrics.point_precision_recall, static_argnames=OPTIONS)
masks_quality = jax.jit(metrics.mask_iou, static_argnames=OPTIONS)


@pytest.fixture(scope="module")
def released():
    return dict(np.load(FIXTURES / "deliberative_metrics.npz"))


@pytest.fixture
def scene():
    """Five maps with equal values, the parts their pairs share, points and segments on a grid of 6 x 7."""
    rng = np.random.default_rng(1)
    maps = rng.integers(0, 9, (5, 6, 7)).astype(float)
    common = rng.random((5, 4)) < 0.5
    common[0], common[1] = False, [False, False, False, True]  # no common part; only the hidden one
    points = np.column_stack([rng.uniform(0, 7, 4), rng.uniform(0, 6, 4), [1, 1, 1, 0]])
    masks = rng.integers(0, 4, (6, 7))  # the last part is nowhere
    return maps, common, points, masks


def test_an_image_without_a_visible_part_is_undefined(scene):
    maps, common, points, masks = scene
    hidden = points_quality(jnp.asarray(maps), jnp.asarray(common), jnp.zeros((4, 3)), coverages=COVERAGES)
    assert np.isnan(np.stack(hidden)[:, 1:]).all()  # the first pair has no common part at all
    assert np.isnan(jnp.nanmean(hidden.recall, 0)).all()
    far = points + [100.0, 0, 0]
    outside = points_quality(jnp.asarray(maps), jnp.asarray(common), jnp.asarray(far), coverages=COVERAGES)
    assert np.isnan(outside.recall).all()
    empty = masks_quality(jnp.asarray(maps), jnp.asarray(common), jnp.asarray(0 * masks), coverages=COVERAGES)
    assert np.isnan(empty).all()


def test_a_map_with_nan_is_undefined(scene):
    maps, common, points, masks = map(jnp.asarray, scene)
    broken = maps.at[2, 0, 0].set(jnp.nan)
    found = points_quality(broken, common, points, coverages=COVERAGES)
    assert np.isnan(found.precision[2]).all()
    assert np.isnan(masks_quality(broken, common, masks, coverages=COVERAGES)[2]).all()
    whole = points_quality(maps, common, points, coverages=COVERAGES)
    np.testing.assert_array_equal(found.recall[3:], whole.recall[3:])


def test_a_set_of_images_by_vmap(scene):
    maps, common, points, masks = (jnp.stack([jnp.asarray(a)] * 2) for a in scene)
    points = points.at[1, 0, 2].set(0.0)

    @jax.jit
    @jax.vmap
    def measured(maps, common, points, masks):
        quality = points_quality(maps, common, points, coverages=COVERAGES)
        return jnp.nanmean(quality.recall, 0), masks_quality(maps, common, masks, coverages=COVERAGES)

    recall, iou = measured(maps, common, points, masks)
    alone = points_quality(maps[1], common[1], points[1], coverages=COVERAGES)
    np.testing.assert_allclose(recall[1], jnp.nanmean(alone.recall, 0), rtol=1e-12)
    np.testing.assert_allclose(iou[0], iou[1], rtol=1e-12)


@pytest.mark.parametrize("coverages", [(0.0, 0.5), (0.5, 1.01), (0.5, 0.2), ()])
def test_coverages_out_of_range(scene, coverages):
    maps, common, points, masks = map(jnp.asarray, scene)
    with pytest.raises(ValueError, match="coverages"):
        points_quality(maps, common, points, coverages=coverages)
    with pytest.raises(ValueError, match="coverages"):
        metrics.random_mask_iou(common, masks, coverages=coverages)


def test_shapes_that_do_not_fit(scene):
    maps, common, points, masks = map(jnp.asarray, scene)
    with pytest.raises(ValueError, match="jax.vmap"):
        points_quality(maps[None], common, points)
    with pytest.raises(ValueError, match="of each of 4 parts"):
        points_quality(maps, common, points[:2])
    with pytest.raises(ValueError, match="whole numbers"):
        masks_quality(maps, common, masks.astype(float))
    with pytest.raises(ValueError, match="variant"):
        masks_quality(maps, common, masks, variant="final")


def maps_of(released, image):
    """The products of the released maps: negative class maps become 1e-7, then the grid of 224 x 224."""
    classes = np.where(released["grad_cls_maps"][image] < 0, 1e-7, released["grad_cls_maps"][image])
    pairs = [(a, b) for a in range(5) for b in range(a + 1, 5)]
    products = [released["grad_hp_maps"][image] * classes[..., a] * classes[..., b] for a, b in pairs]
    top = released["top5"][image]
    return jax.image.resize(jnp.asarray(products), (10, 224, 224), "linear"), [(top[a], top[b]) for a, b in pairs]


def points_of(released, image):
    places = released["part_locs"][image].reshape(15, 2)
    return jnp.asarray(np.column_stack([places, (places > 0).any(1)]))


def test_precision_and_recall_of_the_released_code(released):
    height, width = released["img_hw"]
    coverages = tuple((i + 1) / 100 for i in range(99))
    images = []
    for image in range(3):
        maps, pairs = maps_of(released, image)
        common = jnp.asarray(np.stack([released["com"][pair] for pair in pairs]))
        points = metrics.place_points(points_of(released, image), height, width, size=224, variant="released")
        found = points_quality(maps, common, points, coverages=coverages, variant="released")
        images.append([jnp.nanmean(found.precision, 0), jnp.nanmean(found.recall, 0)])
    precision, recall = jnp.nanmean(jnp.asarray(images), 0)
    np.testing.assert_allclose(precision, released["grad_precision"], rtol=0, atol=1e-15)
    np.testing.assert_allclose(recall, released["grad_recall"], rtol=0, atol=1e-15)


def test_similarity_and_selection_of_the_released_code(released):
    attributes = jnp.asarray(released["attributes"].astype(np.float32), jnp.float64)  # read as float32 there
    strengths = jax.jit(lambda a: metrics.attribute_ambiguity(a, PART_RANGES, variant="released"))(attributes)
    np.testing.assert_array_equal(np.float32(-strengths), released["sim"])  # kept as float32
    np.testing.assert_array_equal(metrics.select_insecurities(strengths, variant="released"), released["com"])
