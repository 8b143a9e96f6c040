"""The table of what a program is made of: each family with its spellings, where it fits and what is true of it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.programs import activations, layers, loops, norms

__all__ = ["FAMILIES", "Family"]

VECTOR, TOKENS, IMAGE = "vector", "tokens", "image"
EVERYWHERE = (VECTOR, TOKENS, IMAGE)


class Family(NamedTuple):
    """Layers that compute the same; the first spelling is the canonical one.

    Traits:
        kinked, jumps: the derivative or the value is not continuous.
        pointwise: acts on channels alone, so that `vmap` over places may stand around it.
        relu: has ReLUs that guided backpropagation changes.
        clamp: whether its kinks are ReLUs is a matter of convention.
        products: multiplies two values that depend on the input, or has a softmax.
        shares: its spellings are other compositions, to which DeepLIFT rightly gives other shares.
        offset: adds a constant that is no parameter, which keeps a share of relevance.
        declared: has a derivative of its own that is not the mathematical one.
    """

    spellings: Mapping[str, Callable]
    kinds: tuple[str, ...] = EVERYWHERE
    traits: frozenset[str] = frozenset()


def _family(spellings, kinds=EVERYWHERE, *, traits=""):
    return Family(spellings, kinds, frozenset(traits.split()))


def _of_one(table, traits):
    """Families of activations, whose spellings take no parameters."""
    return {
        name: _family({k: lambda p, h, f=f: f(h) for k, f in spellings.items()}, traits=f"pointwise {traits}")
        for name, spellings in table.items()
    }


_CLAMPS = ("relu6", "hard_tanh", "hard_sigmoid", "hard_swish", "leaky_relu", "elu", "abs", "square_relu")
FAMILIES: dict[str, Family] = {
    "dense": _family(layers.DENSE, traits="pointwise"),
    **_of_one({"relu": activations.RELU}, "kinked relu"),
    **_of_one({k: v for k, v in activations.SMOOTH.items()}, "smooth"),
    **_of_one({k: activations.KINKED[k] for k in _CLAMPS}, "kinked clamp"),
    "convolution": _family(layers.CONVOLUTION, (IMAGE,)),
    "max_pool": _family(layers.MAX_POOL, (IMAGE,), traits="kinked ties"),
    "average_pool": _family(layers.AVERAGE_POOL, (IMAGE,)),
    "layer_norm": _family(norms.LAYER_NORM, traits="pointwise normaliser"),
    "rms_norm": _family(norms.RMS_NORM, traits="pointwise normaliser"),
    "unit_norm": _family(norms.UNIT_NORM, traits="pointwise normaliser"),
    "batch_norm": _family(norms.BATCH_NORM, traits="pointwise"),
    "softmax": _family(norms.SOFTMAX, traits="pointwise products shares"),
    "attention": _family(layers.ATTENTION, (TOKENS,), traits="products"),
    "causal_attention": _family(layers.CAUSAL_ATTENTION, (TOKENS,), traits="products"),
    "glu": _family(layers.GLU, traits="pointwise products"),
    "gru_gates": _family(layers.GRU_GATES, traits="pointwise products offset"),
    "residual": _family(layers.RESIDUAL, traits="pointwise kinked relu"),
    "squeeze_excite": _family(layers.SQUEEZE_EXCITE, (TOKENS, IMAGE), traits="products"),
    "concatenate": _family(layers.CONCATENATE, traits="pointwise"),
    "gather": _family(layers.GATHER, traits="pointwise"),
    **{name: _family(spellings, traits="pointwise") for name, spellings in layers.MOVES.items()},
    "fourier": _family(layers.FOURIER, traits="pointwise complex"),
    "stack": _family(loops.STACK, traits="pointwise kinked relu loop"),
    "recurrent": _family(loops.RECURRENT, (TOKENS,), traits="loop"),
    "map": _family(loops.MAP, (TOKENS,), traits="kinked relu loop"),
    "cond": _family(loops.COND, traits="pointwise kinked relu loop"),
    **{name: _family(spellings, traits="pointwise jumps") for name, spellings in layers.JUMPS.items()},
    "straight_through": _family(layers.STRAIGHT_THROUGH, traits="pointwise jumps declared"),
}
