"""Text models against literal NumPy ones; padding, positions and types; under every transformation."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import models, scores
from jxai.core.taps import reap
from tests.cases import ERF_IS_CHECKED

SMALL = dict(depth=2, width=8, heads=2, vocabulary=20, length=9, classes=3)
TOKENS = jnp.array([2, 7, 9, 3, 11, 0, 0])
MASK = jnp.arange(7) < 5
TYPES = jnp.array([0, 0, 0, 1, 1, 0, 0])


def drawn(model, dtype=jnp.float64, scale=0.8):
    numbers = np.random.default_rng(0)
    template = jax.eval_shape(model.init, jax.random.key(0))
    return jax.tree.map(lambda p: jnp.asarray(numbers.normal(0, scale, p.shape), dtype), template)


def norm(p, x, epsilon):
    return (x - x.mean()) / np.sqrt(x.var() + epsilon) * p["scale"] + p["bias"]


def dense(p, x):
    return x @ p["kernel"] + p["bias"]


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def attention(p, x, mask, heads, maps):
    """Loops over heads, queries and the keys that are kept."""
    query, key, value = (dense(p[name], x) for name in ("query", "key", "value"))
    width = x.shape[1] // heads
    mixed, weights = np.zeros_like(x), np.zeros((heads, len(x), len(x)))
    for h in range(heads):
        cut = slice(h * width, (h + 1) * width)
        for i in range(len(x)):
            kept = [j for j in range(len(x)) if mask[j]]
            likes = np.array([math.exp(query[i, cut] @ key[j, cut] / math.sqrt(width)) for j in kept])
            weights[h, i, kept] = likes / likes.sum()
            mixed[i, cut] = weights[h, i] @ value[:, cut]
    maps.append(weights)
    return dense(p["project"], mixed)


def literal(p, tokens, types, mask, heads, post, read):
    epsilon = 1e-12 if post else 1e-6
    e = p["embedding"]
    x = np.stack(
        [norm(e["norm"], e["words"][t] + e["positions"][i] + e["types"][s], epsilon)
         for i, (t, s) in enumerate(zip(tokens, types, strict=True))]
    )  # fmt: skip
    maps = []
    for i in range(2):
        b = p[f"block{i}"]
        each = lambda which, y, b=b: np.stack([norm(b[which], row, epsilon) for row in y])
        two = lambda y, b=b: dense(b["contract"], gelu(dense(b["expand"], y)))
        if post:
            x = each("norm1", x + attention(b["attention"], x, mask, heads, maps))
            x = each("norm2", x + two(x))
        else:
            x = x + attention(b["attention"], each("norm1", x), mask, heads, maps)
            x = x + two(each("norm2", x))
    if post:
        return dense(p["classify"], np.tanh(dense(p["pooler"], x[0]))), maps
    x = np.stack([norm(p["norm"], row, epsilon) for row in x])
    return dense(p["classify"], x[0] if read == "first" else x[np.asarray(mask)].mean(0)), maps


BUILDS = {
    "bert": lambda **options: models.bert(**SMALL | options),
    "first": lambda **options: models.text_transformer(**SMALL | options),
    "mean": lambda **options: models.text_transformer(read="mean", **SMALL | options),
}


@pytest.fixture(params=["bert", "mean"], scope="module")
def case(request):
    model = BUILDS[request.param]()
    return request.param, model, drawn(model)


@pytest.mark.parametrize("name", BUILDS)
def test_logits_and_attention_agree_with_numpy(name):
    model = BUILDS[name]()
    params = drawn(model)
    arrays = jax.tree.map(np.asarray, params)
    expected, maps = literal(arrays, TOKENS, TYPES, MASK, 2, name == "bert", name)
    x = model.embed(params, TOKENS, TYPES)
    np.testing.assert_allclose(model.apply(params, x, MASK), expected, rtol=1e-9)
    found = reap(lambda x: model.apply(params, x, MASK))(x)
    assert tuple(found) == model.taps
    for i in range(2):
        np.testing.assert_allclose(found[f"block{i}/attention"], maps[i], atol=1e-12)
        assert not np.any(found[f"block{i}/attention"][:, :, ~MASK])


def test_padding_changes_nothing_and_has_no_attribution(case):
    _, model, params = case
    short = model.apply(params, model.embed(params, TOKENS[:5], TYPES[:5]))
    x = model.embed(params, TOKENS, TYPES)
    np.testing.assert_allclose(model.apply(params, x, MASK), short, rtol=1e-12)
    noisy = x.at[5:].add(jnp.linspace(-9.0, 30.0, 16).reshape(2, 8) ** 2)
    np.testing.assert_array_equal(model.apply(params, noisy, MASK), model.apply(params, x, MASK))
    assert np.abs(model.apply(params, noisy) - model.apply(params, x)).max() > 1e-3, "without a mask it counts"
    gradient = jxai.gradient(scores.logit(models.masked(model.apply)))(x, 1, (params, MASK))
    assert not np.any(gradient[5:]) and np.all(np.abs(gradient[:5]).max(-1) > 1e-6)


def test_a_sentence_of_padding_alone_stays_finite(case):
    _, model, params = case
    x = model.embed(params, TOKENS)
    nothing = jnp.zeros(7, bool)
    assert np.isfinite(model.apply(params, x, nothing)).all()
    assert np.isfinite(jax.grad(lambda x: model.apply(params, x, nothing).sum())(x)).all()


def test_embed_is_words_then_place(case):
    _, model, params = case
    words = model.words(params, TOKENS)
    np.testing.assert_array_equal(words, params["embedding"]["words"][TOKENS])
    np.testing.assert_array_equal(model.place(params, words, TYPES), model.embed(params, TOKENS, TYPES))
    shifted = model.embed(params, TOKENS[1:], positions=jnp.arange(1, 7))
    np.testing.assert_array_equal(shifted, model.embed(params, TOKENS)[1:])


def test_a_padded_test_set_under_jit_vmap_and_sharding(case):
    _, model, params = case
    masks = jnp.asarray(np.arange(7) < np.array([7, 5, 3, 6])[:, None])
    tokens = jnp.stack([TOKENS + i for i in range(4)])
    xs, labels = jax.vmap(model.embed, in_axes=(None, 0))(params, tokens), jnp.array([0, 1, 2, 0])
    explain = jxai.gradient(scores.log_probability(models.masked(model.apply)))
    found = jax.jit(jax.vmap(explain, in_axes=(0, 0, (None, 0))))(xs, labels, (params, masks))
    expected = explain(xs[1, :5], labels[1], (params, jnp.ones(5, bool)))
    np.testing.assert_allclose(found[1, :5], expected, atol=1e-12)
    mapped = jax.vmap(lambda x, label, mask, params: explain(x, label, (params, mask)), (0, 0, 0, None))
    mesh = jax.make_mesh((4,), ("i",), axis_types=(jax.sharding.AxisType.Auto,))
    spec = jax.sharding.PartitionSpec("i")
    whole = jax.sharding.PartitionSpec()
    options = {"in_specs": (spec, spec, spec, whole), "out_specs": spec, "check_vma": ERF_IS_CHECKED}
    sharded = jax.shard_map(mapped, mesh=mesh, **options)
    np.testing.assert_allclose(jax.jit(sharded)(xs, labels, masks, params), found, atol=1e-12)


def test_integrated_gradients_from_padding_are_complete(case):
    _, model, params = case
    score = scores.logit(models.masked(model.apply))
    x, baseline = (model.embed(params, tokens, TYPES) for tokens in (TOKENS, jnp.zeros_like(TOKENS)))
    gaps = model.apply(params, x, MASK) - model.apply(params, baseline, MASK)
    label = np.abs(gaps).argmax()
    found, gap = jxai.integrated_gradients(score, steps=300)(x, label, (params, MASK), baseline=baseline), gaps[label]
    assert abs(float(gap)) > 1e-2
    np.testing.assert_allclose(found.sum(), gap, rtol=0.02)


def test_backward_rules_reach_every_layer_and_both_products_of_attention(case):
    _, model, params = case
    score = scores.logit(models.masked(model.apply))
    x, seen = model.embed(params, TOKENS), []

    def counting(operation, inputs, output, cotangent):
        seen.append(sum(operation.active))
        return operation.pull(inputs, cotangent)

    ruled = jxai.gradient(jxai.with_rules(score, {"dot_general": counting}))(x, 1, (params, MASK))
    np.testing.assert_allclose(ruled, jxai.gradient(score)(x, 1, (params, MASK)), atol=1e-12)
    assert seen.count(2) == 2 * 2, "queries with keys, and attention with values, in two blocks"
    assert seen.count(1) == 2 * 6 + 2, "six layers in two blocks, and two after them: pooler or mean, and classifier"


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float32])
def test_the_parameters_dtype_decides(case, dtype):
    _, model, params = case
    low = jax.tree.map(lambda p: p.astype(dtype), params)
    x = model.embed(low, TOKENS, TYPES)
    logits = model.apply(low, x.astype(jnp.float32), MASK)
    assert x.dtype == logits.dtype == dtype
    exact = model.apply(params, model.embed(params, TOKENS, TYPES), MASK)
    scale = float(np.abs(exact).max())
    np.testing.assert_allclose(logits.astype(jnp.float64), exact, atol=scale * (0.2 if dtype == jnp.bfloat16 else 1e-4))


def test_encoders():
    for build in BUILDS.values():
        model = build(classes=None)
        params = drawn(model)
        tokens = model.apply(params, model.embed(params, TOKENS), MASK)
        assert tokens.shape == (7, 8) and model.classes is None and "logits" not in model.taps
    np.testing.assert_allclose(models.mean_of_tokens(tokens, MASK), tokens[:5].mean(0))
    np.testing.assert_array_equal(models.mean_of_tokens(tokens), tokens.mean(0))
    with pytest.raises(ValueError, match="has no pooler; take the first"):
        model.pool(params, tokens)


def test_poolers():
    x = jnp.asarray(np.random.default_rng(1).normal(size=(7, 8)))
    for pooler, layer, activation in (
        ("tanh", "pooler", np.tanh),
        ("relu", "pre_classify", lambda a: np.maximum(a, 0)),
    ):
        model = models.bert(**SMALL | dict(pooler=pooler))
        params = drawn(model)
        np.testing.assert_allclose(model.pool(params, x), activation(dense(params[layer], x[0])), atol=1e-12)
    bare = models.bert(**SMALL | dict(pooler=None))
    params = drawn(bare)
    tokens = reap(lambda x: bare.apply(params, x), "block1")(x)["block1"]
    np.testing.assert_allclose(bare.apply(params, x), dense(params["classify"], tokens[0]), atol=1e-12)
    with pytest.raises(ValueError, match="no pooler; build it with pooler='tanh'"):
        bare.pool(params, x)


def test_what_does_not_fit():
    model = models.bert(**SMALL)
    params = drawn(model)
    x = model.embed(params, TOKENS)
    with pytest.raises(ValueError, match=r"x must be embeddings .* \[t, 8\], not shape \(7,\); make them .*embed"):
        model.apply(params, TOKENS)
    with pytest.raises(ValueError, match=r"not shape \(1, 7, 8\); a model takes one example: use jax.vmap"):
        model.apply(params, x[None])
    with pytest.raises(ValueError, match=r"mask must have one entry per token, \(7,\); \(5,\) came"):
        model.apply(params, x, MASK[:5])
    with pytest.raises(ValueError, match=r"token numbers must lie in 0\.\.19; 0\.\.20 came"):
        model.embed(params, TOKENS.at[0].set(20))
    with pytest.raises(ValueError, match=r"type numbers must lie in 0\.\.1; -1\.\.0 came"):
        model.embed(params, TOKENS, TYPES - 1)
    with pytest.raises(ValueError, match=r"position numbers .* shape \[7\]; int64 of shape \(6,\) came"):
        model.embed(params, TOKENS, positions=jnp.arange(6))
    with pytest.raises(ValueError, match=r"token numbers must be whole .* shape \(1, 7\) came. A batch goes through"):
        model.embed(params, TOKENS[None])
    with pytest.raises(ValueError, match=r"token numbers must be whole numbers .*; float64 of shape \(7,\)"):
        model.embed(params, TOKENS.astype(float))
    with pytest.raises(ValueError, match="takes at most 9 tokens, 10 came"):
        model.embed(params, jnp.zeros(10, int))
    traced = jax.jit(model.embed)(params, TOKENS.at[0].set(20))
    assert np.isnan(traced[0]).all() and np.isfinite(traced[1:]).all(), "where it cannot raise it must not guess"
    with pytest.raises(ValueError, match="width must be a multiple of heads, but 8 is none of 3"):
        models.bert(**SMALL | dict(heads=3))
    with pytest.raises(ValueError, match="pooler must be 'tanh', 'relu' or None; 'mean' came"):
        models.bert(**SMALL | dict(pooler="mean"))
    with pytest.raises(ValueError, match="read must be 'first' or 'mean'; 'last' came"):
        models.text_transformer(**SMALL, read="last")
