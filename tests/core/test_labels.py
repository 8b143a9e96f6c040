"""Labels of every type through every score: seen ones are checked, traced ones out of range give NaN."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import scores
from jxai.core.errors import SaysNothing
from jxai.core.labels import checked, marked, unless_outside
from tests.references.example import close, vector

W, X, CLASSES = vector((4, 3), 1), vector(3, 2), 4
TYPES = (int, np.int8, np.int64, np.array, jnp.array, jnp.int8, lambda label: np.array(label, np.int16))
OF_ONE = {
    name: getattr(scores, name)
    for name in ("logit", "probability", "log_probability", "log_sigmoid", "mixture", "log_mixture")
}
ALL = OF_ONE | {
    "margin": lambda apply: lambda x, label, w: scores.margin(apply)(x, label, 0, w),
    "margin against": lambda apply: lambda x, label, w: scores.margin(apply)(x, 0, label, w),
    "group": lambda apply: lambda x, label, w: scores.class_group(apply)(x, jnp.stack([jnp.asarray(label), 0]), w),
    "joint": lambda apply: (
        lambda x, label, w: scores.joint(scores.logit(apply), in_axes=(0, None, None))(
            jnp.stack([x, 2 * x]), jnp.array([True, True]), label, w
        )
    ),
}


def apply(w, x):
    return jnp.tanh(w @ x)


@pytest.mark.parametrize("name", OF_ONE)
@pytest.mark.parametrize("kind", TYPES)
def test_a_label_of_every_type_is_checked(name, kind):
    score = OF_ONE[name](apply)
    close(score(X, kind(2), W), score(X, 2, W))
    close(score(X, kind(-1), W), score(X, 3, W))
    for label in (CLASSES, 100, -CLASSES - 1):
        with pytest.raises(ValueError, match=f"label {label} is out of range: the model has 4 classes, 0 to 3"):
            score(X, kind(label), W)


@pytest.mark.parametrize("kind", [np.uint8, jnp.uint8, np.uint32, jnp.uint32])
def test_an_unsigned_label_is_checked(kind):
    close(scores.logit(apply)(X, kind(3), W), scores.logit(apply)(X, 3, W))
    with pytest.raises(ValueError, match="label 200 is out of range"):
        scores.logit(apply)(X, kind(200), W)


@pytest.mark.parametrize("name", ALL)
def test_a_traced_label_out_of_range_gives_nan_value_and_gradient(name):
    score, labels = ALL[name](apply), jnp.array([1, CLASSES - 1, -1, CLASSES, 99, -CLASSES - 1])
    value = lambda label: jax.value_and_grad(score)(X, label, W)  # noqa: E731
    values, slopes = jax.jit(jax.vmap(value))(labels)
    assert np.isnan(values[3:]).all() and np.isnan(slopes[3:]).all()
    for k, label in enumerate((1, CLASSES - 1, CLASSES - 1)):
        expected = jax.value_and_grad(score)(X, jnp.asarray(label), W)
        close(values[k], expected[0])
        close(slopes[k], expected[1])


@pytest.mark.parametrize("dtype", [jnp.int8, jnp.uint8, jnp.int32, jnp.uint32, jnp.int64])
@pytest.mark.parametrize("classes", [3, 300])
def test_traced_labels_of_small_and_unsigned_types(dtype, classes):
    values = jnp.arange(float(classes))

    def select(label):
        label = checked(label, classes)
        return unless_outside(values, label, classes)[label]

    ends = [0, min(classes - 1, int(jnp.iinfo(dtype).max)), min(classes, int(jnp.iinfo(dtype).max)), 3]
    signed = jnp.issubdtype(dtype, jnp.signedinteger)
    labels = jnp.array([*ends, *([-1, -3, -4] if signed else [jnp.iinfo(dtype).max])], dtype)
    expected = [float(range(classes)[k]) if -classes <= k < classes else np.nan for k in labels.tolist()]
    np.testing.assert_array_equal(jax.jit(jax.vmap(select))(labels), expected)


@pytest.mark.parametrize("label", [1.0, np.float32(1), jnp.ones(()), True, np.True_, "cat", None])
def test_what_is_no_whole_number_is_refused(label):
    with pytest.raises(TypeError, match="label must be the whole number of a class; .* came"):
        scores.logit(apply)(X, label, W)


@pytest.mark.parametrize("label", [[1], np.array([1, 2]), jnp.arange(4)])
def test_several_labels_are_refused(label):
    with pytest.raises(ValueError, match=r"label must be one number; shape .* Explain several classes by"):
        scores.probability(apply)(X, label, W)
    with pytest.raises(ValueError, match="label must be one number"):
        jax.jit(scores.probability(apply))(X, jnp.asarray(label), W)


METHODS = {
    "gradient": jxai.gradient,
    "integrated_gradients": lambda score: jxai.integrated_gradients(score, steps=2),
    "occlusion": lambda score: jxai.ablation(score),
    "smoothgrad": lambda score: (
        lambda *args: jxai.smoothgrad(jxai.gradient(score), samples=2)(*args, key=jax.random.key(0))
    ),
    "lrp": jxai.lrp,
    "deep_lift": jxai.deep_lift,
    "layer": lambda score: jxai.layer_attribution(score, jxai.gradient, at="layer"),
    "edited": lambda score: jxai.gradient(jxai.edit(score, {"layer": lambda a: 2 * a})),
}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("kind", [int, np.int64, jnp.array])
def test_every_method_checks_the_label(name, kind):
    score = scores.logit(lambda w, x: w[:, :3] @ jax.nn.relu(jxai.tap(w[:3] @ x, "layer") + 9))
    explain = METHODS[name](score)
    with pytest.raises(ValueError, match="label 4 is out of range"):
        explain(X, kind(4), W)
    found = jax.vmap(explain, (None, 0, None))(X, jnp.array([0, 3, 4]), W)
    assert np.isfinite(found[:2]).all() and np.isnan(found[2]).any(), "a traced one"
    close(found[1], explain(X, kind(3), W))


@pytest.mark.parametrize("group", [[1, 1], [1, 1, 2], [-1, 3], [3, -1, 3, 0]])
@pytest.mark.parametrize("kind", [list, tuple, np.array, jnp.array])
def test_a_repeated_label_of_a_group_counts_once(group, kind):
    score, once = scores.class_group(apply), sorted({label % CLASSES for label in group})
    expected = np.log(np.asarray(jax.nn.softmax(apply(W, X)))[once].sum())
    close(score(X, kind(group), W), expected)
    close(jax.jit(score)(X, jnp.array(group), W), expected)
    mask = np.isin(np.arange(CLASSES), once)
    close(jax.grad(score)(X, kind(group), W), jax.grad(score)(X, mask, W))


def test_groups_that_do_not_fit_are_refused():
    score = scores.class_group(apply)
    for empty in ([], np.zeros(4, bool), jnp.zeros(0, int)):
        with pytest.raises(ValueError, match="the group holds no class"):
            score(X, empty, W)
    assert float(jax.jit(score)(X, jnp.zeros(4, bool), W)) == -np.inf
    with pytest.raises(ValueError, match=r"the mask of a group is over the 4 classes of the model; \(3,\) came"):
        score(X, jnp.ones(3, bool), W)
    with pytest.raises(ValueError, match="group 9 is out of range"):
        score(X, [1, 9], W)
    with pytest.raises(TypeError, match="group must be whole numbers of classes"):
        score(X, jnp.ones(2), W)


def test_what_is_the_same_for_every_input_is_said():
    for group in (list(range(4)), np.ones(4, bool), [0, 1, 2, -1]):
        with pytest.warns(SaysNothing, match="the group holds all classes of the model"):
            close(scores.class_group(apply)(X, group, W), 0, atol=1e-12)
    for a, b in ((1, 1), (3, np.int8(-1))):
        with pytest.warns(SaysNothing, match="the margin of class . against itself is 0"):
            assert float(scores.margin(apply)(X, a, b, W)) == 0
        with pytest.warns(SaysNothing, match="the evidence for class . against itself is 0"):
            assert not jxai.contrast(jxai.gradient(scores.logit(apply)))(X, int(a) % 4, W, against=b % 4).any()


@pytest.mark.parametrize(
    "score",
    [
        *(scores.probability, scores.log_probability, scores.mixture, scores.log_mixture, scores.class_group),
        *(scores.entropy, scores.max_probability, scores.hesitancy),
    ],
)
def test_a_softmax_over_one_class_is_refused(score):
    arguments = () if score in (scores.entropy, scores.max_probability, scores.hesitancy) else ([0],)
    arguments = (0,) if arguments and score is not scores.class_group else arguments
    for call in (score(apply), jax.jit(score(apply)), jxai.gradient(score(apply))):
        with pytest.raises(ValueError, match="the model has one class: a softmax over it is 1 whatever the input"):
            call(X, *(jnp.asarray(a) for a in arguments), W[:1])
    close(scores.logit(apply)(X, 0, W[:1]), apply(W, X)[0])
    close(scores.mixture(apply, softmax=0)(X, 0, W[:1]), jax.nn.sigmoid(apply(W, X)[0]))


def test_marked():
    assert marked(jnp.array([0, -1, 0]), 4).tolist() == [True, False, False, True]


def test_other_places_that_take_labels_check_them():
    maps, p = jnp.ones((2, 3, 3)), jnp.array([0.5, 0.3, 0.2])
    logits, words = jnp.eye(3), jnp.ones((3, 2), bool)
    calls = {
        "labels 3": lambda labels: jxai.insecurities(maps, None, p, labels=labels[:2], classes=2, candidates=2),
        "labels 3 ": lambda labels: jxai.metrics.fit_temperature(logits, labels, steps=2),
        "predicted 3": lambda labels: jxai.metrics.insight(words, jnp.arange(3), labels, words),
        "labels 3  ": lambda labels: jxai.metrics.class_terms(words, labels, 3),
    }
    for what, call in calls.items():
        with pytest.raises(ValueError, match=f"{what.strip()} is out of range"):
            call(jnp.array([0, 3, 1]))
    traced = {name: jax.jit(call)(jnp.array([0, 3, 1])) for name, call in calls.items()}
    assert np.isnan(traced["labels 3"].strength).all() and np.isnan(traced["labels 3 "])
    assert np.isnan(traced["predicted 3"].mean)
