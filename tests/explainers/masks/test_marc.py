"""MaRC: right where the answer is known, closed under vmap, clear about bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jxai
from jxai import scores
from jxai.explainers.masks.grid_mask import image_mask, series_mask
from jxai.explainers.masks.marc import marc_trace
from jxai.explainers.masks.text_mask import sequence_mask
from tests.references.example import NET, X, close, score

VALID = np.ones((8, 8), bool)
VALID[:2], VALID[:, 7] = False, False


def tokens_seen(x):
    """Log-probability that rests on the third and fourth token."""
    return jax.nn.log_sigmoid(4 * x[2:4].sum() - 4)


@pytest.mark.parametrize("variant", ["paper", "released"])
@pytest.mark.parametrize("kind", ["image", "passages", "series"])
def test_the_gradient_equals_finite_differences(kind, variant):
    """One step of plain descent at rate 1 moves the sources by the gradient of the loss that is reported."""
    rng = np.random.default_rng(2)
    shape = {"image": (4, 5, 2), "passages": (2, 6, 2), "series": (9, 2)}[kind]
    if kind == "series" and variant == "released":
        pytest.skip("only the paper's")
    mask, given = {
        "image": (
            lambda: image_mask(variant=variant, smallest=0.0, radius=3),
            {"valid": rng.uniform(size=(4, 5)) > 0.2},
        ),
        "passages": (
            lambda: sequence_mask(variant=variant, count=4, smallest=0.0),
            {"groups": jnp.array([[-1, 0, 0, 1, 2, -1], [0, 1, 2, 3, 3, -1]])},
        ),
        "series": (lambda: series_mask(cell=2, radius=9), {}),
    }[kind]
    mask = mask()
    x = jnp.asarray(rng.normal(size=shape))
    start = mask.init(x, mask.inside(x, given.get("valid"), given.get("groups")))
    start = jax.tree.map(lambda a: jnp.asarray(rng.uniform(0.8, 1.5, a.shape)), start)
    c = jnp.asarray(rng.normal(size=shape))
    score = lambda x: jax.nn.log_sigmoid(jnp.tanh(x * c).sum())  # noqa: E731

    def found(sources):
        fixed = mask._replace(init=lambda x, inside: sources, project=lambda s: s)
        explain = marc_trace(score, mask=fixed, optimiser=optax.sgd(1.0), steps=1, stop=False)
        return explain(x, backgrounds=jnp.asarray(rng_backgrounds), **given)

    rng_backgrounds = rng.normal(size=(2, *shape))
    run = jax.jit(found)
    slopes = jax.tree.map(lambda a, b: a - b, start, run(start).sources)
    along = jax.tree.map(lambda a: jnp.asarray(rng.normal(size=a.shape)), start)
    h = 1e-6
    plus, minus = (run(jax.tree.map(lambda a, t, s=s: a + s * h * t, start, along)).terms.loss[0] for s in (1, -1))
    expected = float(plus - minus) / (2 * h)
    got = sum(float(jnp.vdot(g, t)) for g, t in zip(slopes, along, strict=True))
    assert abs(expected) > 1e-3 and got == pytest.approx(expected, rel=1e-6)


def test_terms_add_up_and_a_weight_of_zero_takes_one_away():
    x = jnp.asarray(X)

    def terms(mask=None, **options):
        explain = jax.jit(marc_trace(score, mask=mask or image_mask(), steps=2, stop=False, **options))
        found = explain(x, 2, NET.p)
        return {name: float(a[0]) for name, a in found.terms._asdict().items()}

    whole = terms()
    assert whole["loss"] == pytest.approx(sum(whole.values()) - whole["loss"], rel=1e-12)
    assert all(abs(a) > 1e-3 for name, a in whole.items() if name != "neighbours")  # at first the mask is nearly even
    for name, without in {
        "sufficiency": terms(sufficiency=0.0),
        "comprehensiveness": terms(comprehensiveness=0.0),
        "sparsity": terms(image_mask(sparsity=0.0)),
        "sigma": terms(image_mask(sigma=0.0)),
        "neighbours": terms(image_mask(neighbours=0.0)),
    }.items():
        assert without[name] == 0
        assert without["loss"] == pytest.approx(whole["loss"] - whole[name], rel=1e-12)


def test_words_that_matter_are_found_and_pieces_share():
    groups = jnp.array([-1, 0, 1, 1, 2, 3, 4, -1])
    explain = jxai.marc(lambda x: jax.nn.log_sigmoid(3 * x[2].sum() - 1), steps=300)
    got = jax.jit(lambda x: explain(x, groups=groups))(jnp.ones((8, 1)))
    assert got[2] == got[3] > 0.9 and got[0] == got[-1] == 0 and float(got[5:7].max()) < 0.1


def test_a_blob_in_an_image_is_found():
    blob = jnp.zeros((16, 16, 1)).at[3:8, 9:14].set(1.0)
    score = lambda x: jax.nn.log_sigmoid((x * blob).sum() - 8)  # noqa: E731
    explain = jax.jit(jxai.marc(score, mask=image_mask(radius=6, neighbours=2.0), steps=300))
    got = explain(jnp.ones((16, 16, 1)))
    assert float(got[4:7, 10:13].min()) > 0.8 and float(got[10:, :7].max()) < 0.2


def test_an_event_in_a_series_is_found():
    """A tone from the 120th to the 160th of 240 samples; the score is its energy."""
    t = np.arange(240)
    tone = np.sin(0.9 * t)
    x = jnp.asarray(tone * ((t >= 120) & (t < 160)))[:, None]
    score = lambda x: jax.nn.log_sigmoid(0.5 * jnp.vdot(x[:, 0], jnp.asarray(tone)) - 5)  # noqa: E731
    explain = jax.jit(jxai.marc(score, mask=series_mask(cell=4, radius=12), steps=400))
    got = np.asarray(explain(x))
    assert got.shape == (240,) and got[128:152].min() > 0.8 and got[:100].max() < 0.2 and got[180:].max() < 0.2


def test_padding_within_a_cell_has_mask_zero():
    valid = jnp.arange(10) < 7
    explain = jxai.marc(lambda x: jax.nn.log_sigmoid(x.sum()), mask=series_mask(cell=4), steps=3)
    got = jax.jit(explain)(jnp.ones((10, 1)), valid=valid)
    assert np.all(got[7:] == 0) and got[6] == got[4] > 0


def padded_batch():
    """Texts of 9, 6 and 1 words, padded to 9, of which the third (or the only) token matters."""
    lengths = jnp.array([9, 6, 1])
    valid = jnp.arange(9)[None] < lengths[:, None]
    return jnp.where(valid[..., None], jnp.ones((3, 9, 1)), 0.0), valid, jnp.array([2, 2, 0])


def text_score(x, place):
    return jax.nn.log_sigmoid(6 * x[place, 0] - 2)


def test_under_vmap_each_example_ends_by_itself_and_padding_changes_nothing():
    xs, valid, place = padded_batch()
    explain = marc_trace(text_score, steps=600)
    many = jax.jit(jax.vmap(lambda x, place, valid: explain(x, place, valid=valid)))(xs, place, valid)
    assert not many.failed.any() and len(set(many.steps.tolist())) > 1
    for k, n in enumerate((9, 6, 1)):
        alone = jax.jit(explain)(xs[k, :n], place[k])
        assert int(alone.steps) == int(many.steps[k])
        close(many.mask[k, :n], alone.mask, rtol=1e-7, atol=1e-9)
        assert np.all(many.mask[k, n:] == 0)
        close(many.terms.loss[k], alone.terms.loss, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("stop", [True, False])
def test_a_score_that_is_nan_ends_its_example_and_no_other(stop):
    """The second example's score is nan as soon as the rationale's first token is below 0.8."""
    xs, valid, place = padded_batch()
    xs = xs.at[1, 0].set(0.97)

    def score(x, place, fragile):
        return text_score(x, place) + jnp.where(fragile & (x[0, 0] > 0.0) & (x[0, 0] < 0.8), jnp.nan, 0.0)

    explain = marc_trace(score, steps=300, stop=stop)
    many = jax.jit(jax.vmap(lambda x, place, valid, fragile: explain(x, place, fragile, valid=valid)))
    got = many(xs, place, valid, jnp.array([False, True, False]))
    whole = many(xs, place, valid, jnp.zeros(3, bool))
    assert got.failed.tolist() == [False, True, False] and not whole.failed.any()
    assert np.isnan(got.mask[1]).all() and (not stop or int(got.steps[1]) < int(whole.steps[1]))
    for k in (0, 2):
        close(got.mask[k], whole.mask[k])


def test_nothing_to_explain_is_refused_or_marked():
    x, none = jnp.ones((5, 2)), jnp.zeros(5, bool)
    explain = marc_trace(tokens_seen, steps=3)
    with pytest.raises(ValueError, match="there is nothing to explain"):
        explain(x, valid=none)
    with pytest.raises(ValueError, match="there is nothing to explain"):
        explain(x, groups=jnp.full(5, -1))
    with pytest.raises(ValueError, match="choose backgrounds that differ from x"):
        explain(x, backgrounds=jnp.stack([x, x]))
    found = jax.jit(lambda valid: explain(x, valid=valid))(none)
    assert found.failed and np.isnan(found.mask).all()
    found = jax.jit(lambda b: explain(x, backgrounds=b))(x[None])
    assert found.failed and np.isnan(found.mask).all()
    found = jax.jit(lambda b: explain(x, backgrounds=b))(jnp.stack([x, 0 * x]))  # the other background tells
    assert not found.failed and np.isfinite(found.mask).all()


def test_one_word():
    """Of one word there is one source: `m = sigmoid(w)`."""
    explain = jax.jit(marc_trace(lambda x: jax.nn.log_sigmoid(x.sum() - 12), steps=40, stop=False))
    found = explain(jnp.full((1, 3), 5.0))
    close(found.mask, jax.nn.sigmoid(found.sources.w))
    assert float(found.mask[0]) > 0.7


def test_several_passages_are_masked_jointly():
    """The log of the mean probability; a passage that is not there changes nothing."""
    x = jnp.ones((3, 5, 1))
    groups = jnp.array([[0, 1, 2, 3, 4], [0, 1, 2, -1, -1], [-1] * 5])
    one = lambda x, place: jax.nn.log_sigmoid(6 * x[place, 0] - 3)  # noqa: E731
    score = scores.joint(one, in_axes=(0, 0))
    present, place = jnp.array([True, True, False]), jnp.array([1, 2, 0])
    explain = marc_trace(score, mask=sequence_mask(), steps=500)
    found = jax.jit(explain)(x, present, place, groups=groups)
    assert found.mask.shape == (3, 5) and found.areas.shape == (500, 3)
    assert (
        min(found.mask[0, 1], found.mask[1, 2]) > 0.9 and found.mask[0, 3:].max() < 0.1 and np.all(found.mask[2] == 0)
    )
    two = jax.jit(explain)(x[:2], present[:2], place[:2], groups=groups[:2])
    close(found.mask[:2], two.mask, rtol=1e-8, atol=1e-10)
    probabilities = [float(jnp.exp(one(x[k], place[k]))) for k in (0, 1)]
    assert float(score(x, present, place)) == pytest.approx(np.log(np.mean(probabilities)))
