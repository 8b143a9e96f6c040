"""Agreement with marked words: padding, documents without marks or numbers, shares, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai.metrics
from tests.jitted import JittedModule
from tests.references import plausibility as literal

metrics = JittedModule(jxai.metrics)  # each call one program

RNG = np.random.default_rng(3)


def rows(spans, most=5):
    """Spans as an array with rows that are none."""
    return jnp.asarray([*spans, *[(-1, -1)] * (most - len(spans))])


def test_neighbouring_spans_by_number_stay_apart_and_as_words_are_one():
    predicted = jnp.array([True, True, True, True])
    assert float(metrics.span_agreement(predicted, jnp.array([1, 1, 2, 2])).gold) == 2.0
    assert float(metrics.span_agreement(predicted, jnp.array([True] * 4)).gold) == 1.0


@pytest.mark.parametrize("measure", ["token_f1", "iou_f1", "average_precision", "area_under_precision_recall"])
@pytest.mark.parametrize("form", ["words", "rows"])
def test_padding_changes_nothing(measure, form):
    """Documents padded to one length under vmap equal each alone; what lies on the padding does not matter."""
    lengths, documents = [12, 5, 1], []
    for n in lengths:
        gold = RNG.random(12) < 0.5
        gold[0] = True
        values = RNG.random(12)
        documents.append((values if "pre" in measure else values > 0.4, gold, np.arange(12) < n))
    given, gold, valid = (jnp.asarray(np.stack(column)) for column in zip(*documents, strict=True))
    if form == "rows":
        gold = jnp.asarray([rows(literal.spans_of(g & v), 6) for _, g, v in documents])
    function = getattr(metrics, measure)
    many = jax.jit(jax.vmap(lambda p, g, v: function(p, g, valid=v)))(given, gold, valid)
    for i, n in enumerate(lengths):
        alone = function(given[i, :n], gold[i, :n] if form == "words" else gold[i])
        assert float(many[i]) == pytest.approx(float(alone), abs=1e-15)


def test_nothing_predicted_nothing_marked_nothing_valid():
    none, some = jnp.zeros(3, bool), jnp.array([True, False, False])
    for measure in (metrics.token_f1, metrics.iou_f1):
        assert float(measure(none, some)) == float(measure(some, none)) == float(measure(none, none)) == 0.0
        assert np.isnan(measure(some, some, valid=none))
        assert float(measure(some, jnp.full((2, 2), -1))) == 0.0
    for measure in (metrics.average_precision, metrics.area_under_precision_recall, metrics.soft_average_precision):
        assert np.isnan(measure(jnp.ones(3), none))
        assert np.isnan(measure(jnp.array([1.0, jnp.nan, 0.0]), some))
        assert np.isfinite(measure(jnp.array([1.0, jnp.nan, 0.0]), some, valid=jnp.array([True, False, True])))


def test_a_document_that_cannot_be_measured_shows_in_the_means_unless_left_out():
    words = jnp.array([[True, False], [True, False]])
    valid = jnp.array([[True, True], [False, False]])
    many = jax.vmap(lambda p, g, v: metrics.token_agreement(p, g, valid=v))(words, words, valid)
    for mean in (metrics.mean_f1, metrics.f1_of_means):
        assert np.isnan(mean(many))
        assert float(mean(many, where=valid.any(1))) == 1.0
        assert np.isnan(mean(many, where=jnp.zeros(2, bool)))


def documents(count=5):
    """Scores that follow marks loosely; lengths differ."""
    found = []
    for i in range(count):
        n = 9 + 4 * i
        gold = [(1, 3), (5, 5 + 1 + i)]
        scores = 0.4 * RNG.random(n) + 0.5 * np.isin(np.arange(n), list(literal.words_of(gold)))
        found.append((scores, gold))
    longest = max(len(s) for s, _ in found)
    scores = jnp.asarray([[*s, *[9.0] * (longest - len(s))] for s, _ in found])
    valid = jnp.asarray([[i < len(s) for i in range(longest)] for s, _ in found])
    return found, scores, jnp.stack([rows(g) for _, g in found]), valid


def test_kernel_regression_is_between_and_far_away_takes_the_nearest():
    x, y = jnp.array([0.1, 0.4, 0.9]), jnp.array([0.2, 0.1, 0.5])
    got = metrics.kernel_regression(x, y, jnp.array(0.3))
    assert 0.1 < float(got) < 0.2
    assert float(metrics.kernel_regression(x, y, jnp.array(90.0))) == pytest.approx(0.5)
    assert float(metrics.kernel_regression(x, y, jnp.array(0.3), weights=jnp.array([0.0, 0.0, 2.0]))) == 0.5
    assert np.isnan(metrics.kernel_regression(x, y, jnp.array(0.3), weights=jnp.zeros(3)))


def test_a_document_that_is_broken_teaches_nothing_and_shows():
    _, scores, gold, valid = documents(4)
    clean = metrics.leave_one_out(scores, gold, valid=valid)
    broken = jnp.concatenate([scores, scores[:1].at[0, 0].set(jnp.nan), scores[:1]])
    empty = jnp.concatenate([valid, valid[:1], jnp.zeros_like(valid[:1])])
    found = metrics.leave_one_out(broken, jnp.concatenate([gold, gold[:1], gold[:1]]), valid=empty)
    np.testing.assert_array_equal(found.predicted[:4], clean.predicted)
    np.testing.assert_allclose(found.fraction[:4], clean.fraction)
    assert np.isnan(found.fraction[4:]).all() and not found.predicted[4:].any()
    unmarked = metrics.leave_one_out(scores, jnp.full_like(gold, -1).at[0].set(gold[0]), valid=valid)
    assert np.isnan(unmarked.fraction[0]) and np.isfinite(unmarked.fraction[1:]).all()


def test_the_share_may_be_counted_over_other_words():
    _, scores, gold, valid = documents(4)
    plain = metrics.leave_one_out(scores, gold, valid=valid)
    share = ((scores > 0.1) & valid).sum(1) / valid.sum(1)
    same = metrics.leave_one_out(scores, gold, valid=valid, share=share)
    np.testing.assert_allclose(same.fraction, plain.fraction)
    other = metrics.leave_one_out(scores, gold, valid=valid, share=jnp.array([0.9, 0.1, 0.2, 0.3]))
    assert np.abs(other.fraction - plain.fraction).max() > 1e-3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.token_f1(jnp.ones(3), jnp.ones(3, bool)), "predicted must be .n. booleans"),
        (lambda: metrics.iou_f1(jnp.ones((2, 3), bool), jnp.ones((2, 3), bool)), "documents go through jax.vmap"),
        (lambda: metrics.token_f1(jnp.ones(3, bool), jnp.ones(3)), r"gold must be \[3\] booleans"),
        (
            lambda: metrics.token_f1(jnp.ones(3, bool), jnp.ones(3, bool), valid=jnp.ones(2)),
            "valid must have the shape",
        ),
        (lambda: metrics.average_precision(jnp.ones((2, 3)), jnp.ones(3, bool)), "scores must be .n., one document"),
        (lambda: metrics.leave_one_out(jnp.ones((1, 3)), jnp.ones((1, 3), bool)), "two documents or more"),
        (lambda: metrics.best_fraction(jnp.ones(3), jnp.ones(3, bool), target="f1"), "target must be one of token_f1"),
        (lambda: metrics.top_words(jnp.ones(3, int), 0.5), "floating-point numbers"),
        (lambda: metrics.kernel_regression(jnp.ones(2), jnp.ones(2), jnp.ones(()), width=0.0), "width must be above"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
