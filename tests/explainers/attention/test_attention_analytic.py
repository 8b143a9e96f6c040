"""Methods of attention maps where the answer is known by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from tests.references.example import close, vector

T = 4


def layers(x, maps, w):
    """Tokens that attend layer after layer, each added to its input; token 0 is classified by `w`."""
    for i in range(len(maps)):
        x = x + jxai.tap(maps[i], f"block{i}/attention")[0] @ x
    return x[0] @ w


UNIFORM = jnp.full((3, 1, T, T), 1 / T)
X, W = vector((T, 2), 1), vector(2, 2)


def test_rollout_of_uniform_attention():
    """Half stays in each of 3 layers: 1/8 never left, the rest is anywhere."""
    expected = (1 - 0.5**3) / T + np.eye(T)[0] * 0.5**3
    close(jxai.attention_rollout(layers)(X, UNIFORM, W), expected)


def test_rollout_through_permutations():
    """Token 0 looks at 1 in the last layer, and 1 at 2 in the first: a quarter each goes to 0, 1 and 2 by each way."""
    first, last = np.eye(T), np.eye(T)
    first[[1, 2]] = first[[2, 1]]
    last[[0, 1]] = last[[1, 0]]
    maps = jnp.asarray(np.stack([first, last])[:, None])
    close(jxai.attention_rollout(layers)(X, maps, W), [0.5, 0.25, 0.25, 0])
    close(jxai.attention_rollout(layers, residual=0.0)(X, maps, W), [0, 0, 1, 0])


def test_discarding_the_smallest_attention():
    """Half of the entries, 0.1 and 0.2, go; rows with the identity are brought to sum 1 again."""
    a = jnp.array([[0.8, 0.2], [0.1, 0.9]])[None, None]
    close(jxai.attention_rollout(layers, discard=0.5)(X[:2], a, W), [1, 0])
    close(jxai.attention_rollout(layers, discard=0.25)(X[:2], a, W), [0.9, 0.1])
    close(jxai.attention_rollout(layers, discard=0.25, token=1)(X[:2], a, W), [0, 1])


def test_equal_entries_stay_together():
    """A widespread version drops half of these entries, whichever come first."""
    close(jxai.attention_rollout(layers, discard=0.5)(X, UNIFORM[:1], W), np.eye(T)[0] / 2 + 0.5 / T)


def test_relevance_of_one_layer():
    """Two heads: the derivative at head h, row 0, column k is the value `x_k w`."""
    score = lambda x, a, w: (jxai.tap(a, "m/attention") @ x).sum(0)[0] @ w  # noqa: E731
    a = jax.nn.softmax(vector((2, T, T), 3))
    expected = np.maximum(np.asarray(a[:, 0] * (X @ W)[None]), 0).mean(0)
    close(jxai.attention_relevance(score)(X, a, W), expected)


def test_relevance_goes_through_layers_from_the_last_to_the_first():
    """`(I + M_2)(I + M_1) - I`, not the other way round; gradients at the first layer pass through the second."""
    a, b = jax.nn.softmax(vector((2, 1, T, T), 3))
    values = (X + a[0] @ X) @ W
    second = np.maximum(b[0] * jnp.zeros((T, T)).at[0].set(values), 0)
    reach = jnp.eye(T)[0] + b[0, 0]  # of the score by the first layer's outputs
    first = np.maximum(a[0] * reach[:, None] * (X @ W)[None], 0)
    expected = ((np.eye(T) + second) @ (np.eye(T) + first) - np.eye(T))[0]
    assert np.abs(expected - ((np.eye(T) + first) @ (np.eye(T) + second) - np.eye(T))[0]).max() > 1e-3
    close(jxai.attention_relevance(layers)(X, jnp.stack([a, b]), W), expected)


def test_relevance_of_uniform_attention_to_equal_tokens_is_uniform():
    same = jnp.ones((T, 2))
    for rule in ("gradient", "lrp"):
        row = jxai.attention_relevance(layers, rule=rule)(same, UNIFORM, jnp.ones(2))
        assert row.min() > 0.01
        close(row, np.full(T, row[0]))


def test_relevance_of_one_layer_by_lrp():
    """The skip takes `x_0 w / y`, attention half of the rest: `R_k = a_k x_k w / 2 y`, all numbers positive."""
    x, w, a = jnp.abs(X), jnp.abs(W), jax.nn.softmax(vector((1, 1, T, T), 3))
    y = layers(x, a, w)
    values = x @ w
    close(jxai.attention_relevance(layers, rule="lrp")(x, a, w), values * a[0, 0, 0] * values / (2 * y))


def test_relevance_by_lrp_does_not_turn_with_the_sign_of_the_score():
    """It starts from 1, not from the score: more attention to what speaks for the class, also of a negative logit."""
    score = lambda x, a: (jxai.tap(a, "m/attention")[0] @ x)[0, 0] - 10.0  # noqa: E731
    x = jnp.array([[1.0], [2.0]])
    row = jxai.attention_relevance(score, rule="lrp")(x, jnp.full((1, 2, 2), 0.5))
    close(row, [1.0 / 6, 4.0 / 6])


@pytest.mark.parametrize(("steps", "quadrature"), [(1, None), (20, None), (1, "midpoint"), (2, "gauss_legendre")])
def test_transition_of_one_linear_layer(steps, quadrature):
    """The derivative is `t x_k w` on the path from 0: its mean is half; a single step of the authors' is at the end."""
    score = lambda x, a, w: (jxai.tap(a, "m/attention")[0] @ x)[0] @ w  # noqa: E731
    a = jax.nn.softmax(vector((1, T, T), 3))
    expected = a[0, 0] * np.maximum(X @ W, 0) * (1.0 if (steps, quadrature) == (1, None) else 0.5)
    close(jxai.transition_attention_maps(score, steps=steps, quadrature=quadrature)(X, a, W), expected)


def test_transition_states_add_what_stays_to_what_moves():
    """Uniform attention in three layers: the state doubles with every layer taken in; `start` leaves layers out."""
    ones, w = jnp.ones((T, 2)), jnp.ones(2)
    by_start = {s: jxai.transition_attention_maps(layers, steps=1, start=s)(ones, UNIFORM, w) for s in (0, 1, 2)}
    close(by_start[1], 2 * by_start[2])
    close(by_start[0], 4 * by_start[2])
    close(by_start[2], np.full(T, 2 * 4 / T))  # the last layer's values are 4 in each of two channels
