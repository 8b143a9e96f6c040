"""GVE and MME: the class counts; attention; under every transformation; bad input."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.core.taps import reap
from jxai.language import Captioner, class_vectors, flex_objective, gve, gve_loss, mme, pointing, teacher_forced
from tests.references.speakers import SEEN, SIZES, TOKENS, VISUAL, drawn, pointing_literal

MAKES = {"gve": functools.partial(gve, class_embedding=3), "mme": functools.partial(mme, width=4)}
BUILDS = {
    name: functools.cache(lambda name=name, **options: MAKES[name](7, 5, 4, **{**SIZES, **options})) for name in MAKES
}
FIELDS = {"gve": ("visual", VISUAL), "mme": ("map", SEEN)}


@functools.cache
def compiled(captioner):
    return jax.jit(lambda params, image, tokens, key: teacher_forced(captioner, params, image, tokens, key=key))


def scored(captioner, params, image, key=None):
    return compiled(captioner)(params, image, TOKENS, key)


def image_of(name, label=1):
    field, values = FIELDS[name]
    return {field: jnp.asarray(values), "label": jnp.asarray(label)}


@pytest.fixture(params=BUILDS)
def case(request):
    captioner = BUILDS[request.param]()
    return request.param, captioner, drawn(captioner)


def test_word_after_word_equals_the_whole_sentence_with_dropout_and_without(case):
    name, captioner, params = case
    slow = captioner._replace(forced=None)
    for key in (None, jax.random.key(3)):
        fast = scored(captioner, params, image_of(name), key)
        np.testing.assert_allclose(scored(slow, params, image_of(name), key), fast, atol=1e-12)
    assert np.abs(fast - scored(captioner, params, image_of(name))).max() > 1e-3, "dropout counts"


def test_another_class_gives_other_scores_and_weights_of_classes_are_between(case):
    name, captioner, params = case
    logits = [scored(captioner, params, image_of(name, label)) for label in range(4)]
    for one in range(4):
        for other in range(one):
            assert np.abs(logits[one][0] - logits[other][0]).max() > 1e-2
    weights = image_of(name)
    weights["label"] = jnp.asarray([0.0, 0.0, 1.0, 0.0])
    np.testing.assert_allclose(scored(captioner, params, weights), logits[2], atol=1e-12)


def test_the_image_counts(case):
    name, captioner, params = case
    field, values = FIELDS[name]
    other = {**image_of(name), field: jnp.asarray(values[::-1].copy() if name == "gve" else -values)}
    gap = scored(captioner, params, other) - scored(captioner, params, image_of(name))
    assert np.abs(gap).max() > 1e-2


def test_a_batch_compiled_and_sharded(case):
    name, captioner, params = case
    field, values = FIELDS[name]
    images = {field: jnp.stack([jnp.asarray(values) * (i + 1) for i in range(4)]), "label": jnp.arange(4)}
    tokens = jnp.stack([jnp.roll(TOKENS[:4], i) for i in range(4)])
    batch = jax.vmap(lambda params, image, tokens: teacher_forced(captioner, params, image, tokens), (None, 0, 0))
    one_by_one = jax.jit(lambda params, image, tokens: teacher_forced(captioner, params, image, tokens))
    found = jax.jit(batch)(params, images, tokens)
    for i in range(4):
        one = jax.tree.map(lambda leaf, i=i: leaf[i], images)
        np.testing.assert_allclose(found[i], one_by_one(params, one, tokens[i]), atol=1e-12)
    mesh = jax.make_mesh((4,), ("i",), axis_types=(jax.sharding.AxisType.Auto,))
    spec, whole = jax.sharding.PartitionSpec("i"), jax.sharding.PartitionSpec()
    sharded = jax.shard_map(batch, mesh=mesh, in_specs=(whole, spec, spec), out_specs=spec)
    np.testing.assert_allclose(jax.jit(sharded)(params, images, tokens), found, atol=1e-12)


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_the_parameters_dtype_decides(case, dtype):
    name, captioner, params = case
    low = jax.tree.map(lambda p: p.astype(dtype), params)
    logits = scored(captioner, low, image_of(name))
    assert logits.dtype == dtype
    exact = scored(captioner, params, image_of(name))
    room = 1e-4 if dtype == jnp.float32 else 0.2
    np.testing.assert_allclose(logits.astype(jnp.float64), exact, atol=room * np.abs(exact).max())


def test_init_is_float32_and_another_key_draws_others(case):
    _, captioner, _ = case
    one, other = (captioner.init(jax.random.key(seed)) for seed in (0, 1))
    assert {leaf.dtype for leaf in jax.tree.leaves(one)} == {jnp.dtype(jnp.float32)}
    assert np.abs(one["decoder"]["scores"]["kernel"] - other["decoder"]["scores"]["kernel"]).max() > 0.1


def test_the_likelihoods_gradient_equals_finite_differences(case):
    name, captioner, params = case
    objective = flex_objective(captioner, weight=0.0)
    flat, back = jax.flatten_util.ravel_pytree(params)
    along = jnp.asarray(np.random.default_rng(2).normal(size=flat.shape))
    value = jax.jit(lambda flat: objective(back(flat), image_of(name), TOKENS))
    slope = jax.grad(value)(flat) @ along
    numeric = (value(flat + 1e-5 * along) - value(flat - 1e-5 * along)) / 2e-5
    np.testing.assert_allclose(slope, numeric, rtol=1e-6)
    logs = jax.nn.log_softmax(scored(captioner, params, image_of(name)))
    np.testing.assert_allclose(value(flat), -sum(logs[i, TOKENS[i]] for i in range(4)), rtol=1e-12)


def test_attention_sums_to_one_and_is_seen_in_two_ways():
    captioner = BUILDS["mme"]()
    params = drawn(captioner)
    arrays = jax.tree.map(np.asarray, params["pointing"])
    looked, start = jax.jit(pointing), jax.jit(reap(lambda image: captioner.start(params, image), "pointing"))
    for label in range(4):
        places = looked(params, image_of("mme", label))
        assert places.shape == (2, 3)
        np.testing.assert_allclose(places.sum(), 1, rtol=1e-12)
        np.testing.assert_allclose(places, pointing_literal(arrays, SEEN, label), atol=1e-4)
        tapped = start(image_of("mme", label))
        np.testing.assert_array_equal(tapped["pointing"], places)
    of_classes = jax.jit(jax.vmap(pointing, (None, {"map": None, "label": 0})))
    maps = of_classes(params, {**image_of("mme"), "label": jnp.arange(4)})
    assert np.abs(maps - maps[:1])[1:].max((1, 2)).min() > 1e-3, "another class points elsewhere"


def test_attention_takes_what_the_score_prefers():
    captioner = BUILDS["mme"]()
    params = drawn(captioner)
    sharp = jax.tree.map(lambda p: p, params)
    sharp["pointing"]["score"]["kernel"] = 1e4 * params["pointing"]["score"]["kernel"]
    image = image_of("mme")
    at = np.unravel_index(np.argmax(pointing(sharp, image)), (2, 3))
    assert pointing(sharp, image)[at] > 0.999
    alone = {**image, "map": jnp.broadcast_to(image["map"][at], (2, 3, 5))}
    one, other = (scored(captioner, sharp, given) for given in (image, alone))
    np.testing.assert_allclose(one, other, atol=1e-3)


def test_a_map_of_zeros_has_a_finite_gradient():
    captioner = BUILDS["mme"]()
    params = jax.tree.map(jnp.zeros_like, captioner.init(jax.random.key(0)))
    image = {"map": jnp.zeros((2, 2, 5), jnp.float32), "label": jnp.asarray(0)}
    slopes = jax.jit(jax.grad(flex_objective(captioner, weight=0.0)))(params, image, TOKENS)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(slopes))


@pytest.mark.parametrize("name", BUILDS)
@pytest.mark.parametrize(
    "change, message",
    [
        (
            lambda image, field: {**image, "label": jnp.asarray(4)},
            "label 4 is out of range: the model has 4 classes",
        ),
        (lambda image, field: {**image, "label": -1}, "label -1 is out of range"),
        (lambda image, field: {**image, "label": jnp.arange(2)}, r"0..3, or weights of all, \[4\]"),
        (lambda image, field: {**image, "label": 0.5}, "number of one class"),
        (lambda image, field: {field: image[field]}, "needs an image with 'label'"),
        (lambda image, field: {"label": image["label"]}, "needs an image with '(map|visual)'; "),
        (lambda image, field: image[field], "needs an image with"),
        (lambda image, field: {**image, field: image[field][..., :4]}, r"of shape \[.*5\]; .*4,?\) came"),
        (lambda image, field: {**image, field: image[field][None]}, "Use jax.vmap for a batch"),
        (lambda image, field: {**image, field: image[field].ravel()[None]}, "of shape"),
    ],
)
def test_what_is_wrong_with_an_image_is_said(name, change, message):
    captioner = BUILDS[name]()
    image = change(image_of(name), FIELDS[name][0])
    with pytest.raises(ValueError, match=message):
        captioner.start(drawn(captioner), image)


def test_a_traced_label_out_of_range_gives_nan(case):
    name, captioner, params = case
    for label in (4, -1):
        assert np.isnan(scored(captioner, params, image_of(name, label))).all()


@pytest.mark.parametrize("name", BUILDS)
@pytest.mark.parametrize(
    "options, message", [({"dropout": 1.0}, "dropout"), ({"hidden": 0}, "hidden"), ({"embedding": -1}, "embedding")]
)
def test_what_is_wrong_with_the_sizes_is_said(name, options, message):
    with pytest.raises(ValueError, match=message):
        BUILDS[name](**options)


def test_gve_loss_asks_for_a_key():
    captioner = BUILDS["gve"]()
    objective = gve_loss(captioner, lambda tokens, image: jnp.float64(1), stop=4)
    with pytest.raises(ValueError, match="gve_loss draws random numbers"):
        objective(drawn(captioner), image_of("gve"), TOKENS, None)


def test_class_vectors_are_mean_states():
    captioner = BUILDS["gve"]()
    params = drawn(captioner)
    tokens = jnp.stack([TOKENS, TOKENS.at[1].set(5), jnp.asarray([2, 4, 0, 0, 0, 0], jnp.int32)])
    images = {"visual": jnp.stack([jnp.asarray(VISUAL) * i for i in (1.0, 2.0, 3.0)]), "label": jnp.asarray([0, 1, 0])}
    vectors = jax.jit(lambda *given: class_vectors(captioner, *given, classes=4))
    found = vectors(params, images, tokens, jnp.asarray([2, 0, 2]))
    start, step = jax.jit(captioner.start), jax.jit(captioner.step)
    expected, words = np.zeros((4, 6)), np.zeros(4)
    for i, label in enumerate((2, 0, 2)):
        carry, before = start(params, jax.tree.map(lambda leaf, i=i: leaf[i], images)), jnp.int32(0)
        for token in tokens[i][tokens[i] > 0]:
            carry, _ = step(params, carry, before)
            expected[label] += np.asarray(carry[2][1])
            words[label] += 1
            before = token
    np.testing.assert_allclose(found, expected / np.maximum(words, 1)[:, None], rtol=1e-10)
    assert not found[1].any() and not found[3].any()
    wide = gve(7, 5, 4, class_embedding=6, **SIZES)
    swapped = {**drawn(wide), "classes": found}
    assert isinstance(wide, Captioner) and scored(wide, swapped, image_of("gve")).shape == (6, 7)
