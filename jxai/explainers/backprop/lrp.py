"""Relevance of inputs, passed down layer by layer from the score.

lrp                   layer-wise relevance propagation under a composite of rules
excitation_backprop   probabilities of winning, from the score's unit downwards
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, PyTree

from jxai import rules
from jxai.core.errors import require_floating
from jxai.core.evaluate import evaluate, explainer
from jxai.core.taps import split
from jxai.core.types import Explain, Key, Score
from jxai.rules.backward import Composite, with_rules

__all__ = ["excitation_backprop", "lrp"]


@explainer
def lrp(score: Score, *, composite: Composite | None = None) -> Explain:
    r"""Layer-wise relevance propagation: `R = x * g` with `g` the gradient under a composite's rules.

    Args:
        score: function `(x, *args) -> number` of one example; explain a logit rather than a probability.
        composite: the rules by operation and place, such as `rules.epsilon_plus()` (the default),
            `rules.epsilon_gamma_box(low, high)`, `rules.alpha2beta1()`, or one's own by
            `rules.relevance(lambda place: rule)`.

    Returns:
        Explain `(x, *args, key=None) -> relevance`, shape of `x`, in units of the score. Sums to the score where no
        operation keeps a share: biases (also of layer normalisation, and positions added to tokens) keep theirs,
        `eps` a little; z+ gives biases none, and loses what an output has whose contributions are all negative.
        A softmax or log-softmax in the score has its own derivative (AttnLRP's Taylor rule), which does not conserve
        relevance: prefer the logit. `R = x * g` cannot hold relevance at an exact 0: what arrives at a dead ReLU's
        output before a function that is not 0 there (softplus, hard sigmoid) is lost.

    Raises:
        MissingRule: when called, an operation has no rule; the error names it and where the model has it.

    Note:
        A residual sum divides relevance in proportion to its summands. Batch normalisation in inference mode is joined
        with the layer before it (canonised). Max pooling passes relevance to the winner, activations (GELU and SiLU in
        any spelling) pass it on. Layer normalisation's divisor counts as constant. In attention both factors of a
        product get half. Changes of shape, sums, means, selections, products and quotients with constants keep their
        own derivative, which is in proportion.
        Captum's LRP refuses softmax, GELU and layer normalisation. It does not see functional operations, and divides
        residual sums by epsilon with a tiny denominator. Where the layers are modules, its epsilon, gamma
        (`rules.gamma(c, generalised=False)`) and alpha1beta0 with `set_bias_to_zero` (`rules.zplus`, inputs at least
        0) agree.

    Reference:
        Bach et al. 2015, "On pixel-wise explanations for non-linear classifier decisions by layer-wise relevance
        propagation"; Achtibat et al. 2024, "AttnLRP: attention-aware layer-wise relevance propagation".

    Example:
        >>> import jax, jax.numpy as jnp
        >>> score = lambda x, w: jax.nn.relu(w @ x).sum()
        >>> lrp(score)(jnp.array([1.0, 2.0]), jnp.array([[2.0, 1.0], [-3.0, 1.0]])).round(4).tolist()
        [2.0, 2.0]
    """
    score_with_rules = with_rules(score, composite or rules.epsilon_plus())

    def explain(x: PyTree[Float[Array, "..."]], *args: Any, key: Key | None = None) -> PyTree[Float[Array, "..."]]:
        del key
        return _relevance(score_with_rules, x, *args)

    return explain


@explainer
def excitation_backprop(score: Score, *, at: str | None = None, contrastive: bool = False) -> Explain:
    r"""Excitation backpropagation: the probability that each unit wins, from the top down.

    `P(a_i) = sum_j P(a_j) a_i max(w_ij, 0) / sum_i' a_i' max(w_i'j, 0)`, `P = 1` at the score

    Args:
        score: function `(x, *args) -> number` of one example; a logit, or softmax of one (which passes to the logit).
        at: the tap of a layer `[*space, c]`; None explains the input.
        contrastive: subtract what the dual unit, with the last layer's weights turned round, gives: evidence that
            this class does not share with the others.

    Returns:
        Explain `(x, *args, key=None) -> map`: `[*space]` at a layer (channels added), shape of `x` at the input.
        Probabilities that sum to 1, without unit, given that the way down ends there: a unit that only its bias
        excites has no input to pass to. The contrastive map sums to 0. At a score of exactly 0 all is 0.

    Raises:
        UnusedTap: when called, the score reaches no such tap.
        MissingRule: when called, an operation has no rule, such as a product of two values that depend on `x`.

    Note:
        Inputs below zero are shifted, layer by layer: `a - min(a)`. Residual sums divide by magnitude. Batch
        normalisation is joined with the layer before it. Captum has no excitation backpropagation.

    Reference:
        Zhang et al. 2016, "Top-down neural attention by excitation backprop", eq. 4, sections 3.3 and 3.4.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> score = lambda x, w: w @ x
        >>> excitation_backprop(score)(jnp.array([1.0, 2.0, 4.0]), jnp.array([2.0, 1.0, -0.5])).tolist()
        [0.5, 0.5, 0.0]
    """

    def explain(x: Float[Array, "*shape"], *args: Any, key: Key | None = None) -> Float[Array, "..."]:
        del key
        require_floating(x)
        value, rest, fn = x, args, score
        if at is not None:
            features, fn = split(score, at)
            value, rest = features(x, *args), (x, *args)
        won = _winning(with_rules(fn, rules.excitation()), value, *rest)
        if contrastive:
            won -= _winning(with_rules(fn, rules.excitation(dual=True)), value, *rest)
        return won if at is None else won.sum(-1)

    return explain


def _winning(score_with_rules: Score, x: Array, *args: Any) -> Array:
    relevance = _relevance(score_with_rules, x, *args)
    # divided by what arrives: biases have swallowed the rest, and gradients under rules start at the score's value
    total = relevance.sum()
    return relevance / jnp.where(total == 0, jnp.ones_like(total), total)


def _relevance(score_with_rules: Score, x: Any, *args: Any) -> Any:
    """`x * g`, with zeros replaced by a number too small to matter: `R = x g` cannot hold relevance at 0 itself.

    So rules for the input (box, flat, w^2) give black pixels their share.
    """
    require_floating(x)

    # the root of the smallest number: its square, which a rule may form, is still above 0
    def not_zero(leaf: Array) -> Array:
        small = jnp.asarray(float(jnp.finfo(leaf.dtype).tiny) ** 0.5, leaf.dtype)
        return leaf + jax.lax.stop_gradient(jnp.where(leaf == 0, small, jnp.zeros_like(leaf)))

    x = jax.tree.map(not_zero, x)
    return jax.tree.map(jnp.multiply, x, jax.grad(lambda x: evaluate(score_with_rules, x, *args))(x))
