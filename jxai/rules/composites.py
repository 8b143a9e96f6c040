"""Composites: a rule for every operation of a network, by what it is and where it stands.

Relevance propagation passes on `g = R / value`. An operation without bias that is linear in its active inputs then
needs no rule: its own derivative divides relevance in proportion to the contributions. The others have a rule here, or
are refused.
"""

from collections.abc import Callable
from functools import partial

import jax

from jxai.core.program.elementwise import STEPS, UNARY
from jxai.core.program.linearity import SELECTIONS
from jxai.core.program.places import Place, missing_rule
from jxai.rules.backward import LINEAR, Composite, Rule, Ruled
from jxai.rules.inputs import box
from jxai.rules.linear import alpha_beta, epsilon, gamma, part, weights_of, zplus
from jxai.rules.passing import halves, inverse, passing, summands

__all__ = ["alpha2beta1", "epsilon_gamma_box", "epsilon_plus", "excitation", "relevance"]

_SUMS = frozenset({"reduce_sum", "reduce_window_sum", "cumsum", "scatter-add", "scatter_add"})
# bounded or monotone functions of one number; not exp, log or a root, whose value at 0 or infinity says otherwise
_ACTIVATIONS = (UNARY | STEPS) - frozenset("exp exp2 log sqrt rsqrt cos lgamma digamma".split())


def relevance(choose: Callable[[Place], Rule]) -> Composite:
    """A composite of layer-wise relevance propagation from the choice of a rule for each layer with weights.

    The rest is fixed.

    * Own derivative, which is relevance in proportion to contributions: changes of shape, sums and differences, means,
      products and quotients with constants, selections, maxima (the winner takes all), softmax (its derivative is
      AttnLRP's Taylor rule), products with a normaliser (layer normalisation: it counts as constant).
    * Activations pass relevance unchanged.
    * A product of two values that depend on the input gives each half; so does attention's dot product.
    * Everything else raises.

    Args:
        choose: function of a `Place` that returns the rule; asked about the operations in `LINEAR` with weights.

    Returns:
        A composite for `with_rules` or `lrp`.

    Raises:
        MissingRule: when used, for an operation that has no rule; the error names it and where it stands.

    Reference:
        Bach et al. 2015; Montavon et al. 2019; Achtibat et al. 2024, "AttnLRP" (attention, layer normalisation).

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.rules.backward import with_rules
        >>> ruled = with_rules(lambda x: jnp.tanh(x * 2.0).sum(), relevance(lambda place: epsilon(1e-6)))
        >>> print(jax.grad(ruled)(jnp.ones(1)))  # tanh(2), relevance by value
        [0.9640276]
    """

    def composite(place: Place) -> Rule | None:
        several = sum(place.active) > 1
        if place.name in LINEAR:
            # two active operands (attention): epsilon gives each half; z+ and alpha-beta have no meaning there
            return epsilon() if several else choose(place)
        if place.linear or place.name in SELECTIONS | {"softmax", "logsumexp"} or _is_complex_size(place):
            return None
        if place.name in ("max", "min", "mul") and several:
            return halves if place.name == "mul" else None
        if place.name in _ACTIVATIONS | {"max", "min", "clamp"} and not several:
            return passing
        if place.name == "pow" and place.active == (True, False):
            return passing
        # refused, not passed: exp, log, division by active values would lose or invent relevance silently
        raise missing_rule(place, "relevance propagation")

    return composite


def epsilon_plus(eps: float = 1e-6) -> Composite:
    """z+ in convolutions, epsilon in dense layers (and attention); what `lrp` takes by default.

    A convolution is also a dot product over two or more axes of space (1x1). Reference: Kohlbrenner et al. 2020,
    "Towards best practice in explaining neural network decisions with LRP".
    """
    return relevance(lambda place: zplus if place.grid else epsilon(eps))


def epsilon_gamma_box(
    low: float | jax.Array, high: float | jax.Array, *, eps: float = 1e-6, value: float = 0.25
) -> Composite:
    """z^B in the layer that meets the input, gamma in the other convolutions, epsilon in dense layers.

    `low` and `high` bound the input (as the model takes it, after preprocessing); `value` is gamma's. Reference:
    Montavon et al. 2019; Anders et al. 2021 (the name).
    """
    first, convolution, dense = box(low, high), gamma(value), epsilon(eps)
    return relevance(lambda place: first if place.first else convolution if place.grid else dense)


def alpha2beta1(eps: float = 1e-6) -> Composite:
    """Alpha-beta with alpha 2 and beta 1 in convolutions, epsilon in dense layers.

    Reference: Kohlbrenner et al. 2020.
    """
    return relevance(lambda place: alpha_beta(2.0, 1.0) if place.grid else epsilon(eps))


def excitation(*, dual: bool = False) -> Composite:
    """Excitation backpropagation: each unit is won by those below in proportion to `a_i max(w_ij, 0)`.

    Layer by layer, negative values are shifted to be non-negative, `a - min(a)`. A sum is won in proportion to the
    summands' magnitudes, a maximum by the largest. Activations pass, and softmax passes to the class's own logit.
    Units that their bias alone excites lose their probability.

    Args:
        dual: turn the weights of the last layer round, for the contrastive form.

    Reference: Zhang et al. 2016, "Top-down neural attention by excitation backprop", eq. 4 and section 3.3.
    """
    ordinary = relevance(lambda place: partial(_won, -1 if dual and place.last else +1))

    def composite(place: Place) -> Rule | None:
        several = sum(place.active) > 1
        if place.name == "softmax":
            return passing
        if place.name in ("add", "sub") and several:
            return summands
        if place.name == "logsumexp":
            return _by_slope
        if place.name in _SUMS and not several:
            return _sum_shares
        if several and (place.name in LINEAR or place.name == "mul"):
            raise missing_rule(place, "excitation backpropagation")
        return ordinary(place)

    return composite


def _is_complex_size(place: Place) -> bool:
    """Whether an operation is |z| of a complex number, whose own derivative passes relevance whole."""
    return place.name == "abs" and place.complex


def _won(sign: int, operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    weights = weights_of(operation, inputs, "excitation")
    return weights.only(_share(partial(weights.signed, sign), weights.x, output * cotangent))


def _by_slope(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    """In proportion to the derivatives, which are probabilities for log-sum-exp."""
    gradients = operation.pull(inputs, output * cotangent)
    return tuple(None if g is None else g * inverse(x) for g, x in zip(gradients, inputs, strict=True))


def _sum_shares(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    at = operation.active.index(True)

    def call(x: jax.Array) -> jax.Array:
        return operation.call(*inputs[:at], x, *inputs[at + 1 :])

    gradient = _share(call, inputs[at], output * cotangent)
    return tuple(gradient if i == at else None for i in range(len(inputs)))


def _share(linear: Callable[[jax.Array], jax.Array], x: jax.Array, relevance: jax.Array) -> jax.Array:
    """Relevance in proportion to what the shifted inputs add to a linear function, by input."""
    above = x - part(x.min(), -1)  # by min(x, 0): values that are not negative stay as they are
    total, pull = jax.vjp(linear, above)
    return above * pull(relevance * inverse(total))[0] * inverse(x)
