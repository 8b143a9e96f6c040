"""DREL: cases made by hand, orders, ends, and transformations."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import metrics
from jxai.metrics import mentioned_terms, object_terms
from tests.jitted import jitted

drel, kinds_of, nearest_part, overlapping = map(
    jitted, (metrics.drel, metrics.kinds_of, metrics.nearest_part, metrics.overlapping)
)

PARTS = {"beak": ("beak", "bill"), "crown": ("crown", "cap"), "left wing": ("wing",), "right wing": ("wing",)}
FORMS = {"wing": ("wings",)}
CAPTIONS = [
    ["a bird with a red crown and a black bill.", "it has a long beak and grey wings"],
    ["a grey bird.", "the tail is long"],
    ["a black cap and white wing bars"],
]
SENTENCES = ["this bird has a black beak.", "this bird has a long beak", "a bird with wings and a red crown"]
RELIED = np.array([[True, False, False, True], [True, False, False, False], [False, True, True, False]])


def found_by(synonyms, **options):
    terms = object_terms(tuple(PARTS.values()), synonyms=synonyms, variants=FORMS)
    masks = (mentioned_terms(texts, terms.words) for texts in (CAPTIONS, SENTENCES))
    return drel(*(jnp.asarray(mask) for mask in (RELIED, terms.names, *masks)), **options)


def test_by_hand_with_synonyms():
    """{beak, wing} of which beak is said; nothing in the captions; {crown, wing}, both said."""
    found = found_by(True)
    assert found.each.tolist()[::2] == [50.0, 100.0] and np.isnan(found.each[1])
    assert float(found.mean) == 75 and float(found.standard_error) == pytest.approx(25) and int(found.count) == 2


def test_by_hand_word_by_word():
    """{bill, beak, wing(s)} of which beak is said; {cap, wing(s)}, of which wings is said, not crown."""
    found = found_by(False)
    np.testing.assert_allclose(found.each, [100 / 3, np.nan, 50])


def test_an_image_without_described_objects_counts_zero_if_asked():
    found = found_by(True, empty="zero")
    np.testing.assert_allclose(found.each, [50, 0, 100])
    assert float(found.mean) == 50 and int(found.count) == 3
    assert float(found.standard_error) == pytest.approx(np.std([50, 0, 100], ddof=1) / np.sqrt(3))


def test_more_said_is_never_less_and_all_said_is_all():
    rng = np.random.default_rng(0)
    objects, names, described, said = (
        jnp.asarray(rng.random(shape) < 0.5) for shape in ((9, 4), (4, 7), (9, 7), (9, 7))
    )
    some, more = drel(objects, names, described, said).each, drel(objects, names, described, said | described).each
    known = ~jnp.isnan(some)
    assert bool((more[known] == 100).all()) and bool((some[known] <= more[known]).all()) and bool(known.any())
    assert bool((drel(objects, names, described, ~described).each[known] == 0).all())


def test_compiles_and_has_no_error_of_one_image():
    masks = [jnp.ones((1, 1), bool)] * 4
    found = jax.jit(drel)(*masks)
    assert float(found.mean) == 100 and np.isnan(found.standard_error) and int(found.count) == 1
    nothing = drel(jnp.zeros((2, 1), bool), *masks[1:2], *[jnp.ones((2, 1), bool)] * 2)
    assert np.isnan(nothing.mean) and int(nothing.count) == 0


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((3,), (4, 5), (3, 5), (3, 5)), "expected four matrices"),
        (((3, 4), (3, 5), (3, 5), (3, 5)), "expected objects"),
        (((3, 4), (4, 5), (2, 5), (3, 5)), "expected objects"),
        (((3, 4), (4, 5), (3, 5), (3, 6)), "expected objects"),
    ],
)
def test_refuses_shapes(shapes, message):
    with pytest.raises(ValueError, match=message):
        drel(*(jnp.zeros(shape, bool) for shape in shapes))


def test_refuses_another_empty():
    with pytest.raises(ValueError, match='"drop" or "zero"; \'one\' came'):
        drel(*[jnp.ones((1, 1), bool)] * 4, empty="one")


def test_no_object_where_the_map_says_nothing():
    parts, boxes = jnp.array([[1.0, 1, 1]]), jnp.array([[0.0, 0, 2, 2]])
    for heat in (jnp.zeros((2, 2)), jnp.full((2, 2), jnp.nan), jnp.eye(2).at[0, 1].set(jnp.nan)):
        assert nearest_part(heat, parts).tolist() == overlapping(heat, boxes).tolist() == [False]
    assert nearest_part(jnp.eye(2), parts * jnp.array([1.0, 1, 0])[None]).tolist() == [False], "hidden"
    assert nearest_part(-jnp.eye(2), parts).tolist() == [True]
    assert overlapping(-jnp.eye(2), boxes).tolist() == [False]


def test_over_images_with_padding_and_other_types():
    heats = jnp.stack([jnp.eye(2), jnp.zeros((2, 2)).at[0, 1].set(1)]).astype(jnp.bfloat16)
    boxes = jnp.array([[[0, 0, 9, 9], [0, 0, 0, 0]], [[10, 0, 9, 9], [0, 10, 9, 9]]])
    kinds = jnp.array([[3, -1], [1, 3]])
    every = jax.jit(jax.vmap(lambda heat, boxes, kinds: kinds_of(overlapping(heat, boxes, size=(20, 20)), kinds, 4)))
    assert every(heats, boxes, kinds).tolist() == [[False] * 3 + [True], [False, True, False, False]]
    parts = jnp.tile(jnp.array([[5, 5, 1], [15, 5, 1]]), (2, 1, 1))
    near = jax.jit(jax.vmap(lambda heat, parts: nearest_part(heat, parts, size=(20, 20))))
    assert near(heats, parts).tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nearest_part(jnp.zeros(4), jnp.zeros((2, 3))), r"a map \[h, w\] and parts"),
        (lambda: nearest_part(jnp.zeros((4, 4)), jnp.zeros((2, 2))), r"\(4, 4\) and \(2, 2\) came"),
        (lambda: nearest_part(jnp.zeros((2, 4, 4)), jnp.zeros((2, 15, 3))), "go through vmap"),
        (lambda: overlapping(jnp.zeros((4, 4)), jnp.zeros((2, 3))), "boxes"),
        (lambda: overlapping(jnp.zeros((4, 4)), jnp.zeros((2, 4)), 1.0), "from 0 to below 1"),
        (lambda: overlapping(jnp.zeros((4, 4)), jnp.zeros((2, 4)), size=(0, 4)), "height must be above zero"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
