"""What is timed: each method of `jxai`, and the bare model evaluations that it needs."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

import jxai
from experiments.benchmarks.networks import Network
from jxai.core.types import Explain, Score

__all__ = ["BATCHED", "KINDS", "Case", "bare", "blocks", "cases"]


class Case(NamedTuple):
    """A method, configured.

    Attributes:
        explain: the explainer.
        needs: the bare evaluations for one example: `(kind, how many, how many side by side)`.
        long: left out unless `--full`.
    """

    explain: Explain
    needs: tuple[tuple[str, int, int], ...]
    long: bool = False


# What a user would write by hand with the model alone; "head" and "features" are the model cut at a layer.
KINDS = ("forward", "gradient", "features", "features_jvp", "head_gradient", "middle", "middle_jvp", "middle_head")
# The methods timed at a batch above 1 without `--full`.
BATCHED = ("gradient", "integrated_gradients", "smoothgrad", "grad_cam", "guided_backpropagation")


def cases(network: Network, score: Score, *, steps: int, samples: int, chunk: int) -> dict[str, Case]:
    """All methods by name; `steps` nodes of a path, `samples` draws, `chunk` evaluations side by side."""
    every = _gradients(score, steps, samples, chunk) | _layers(network, score, steps, chunk)
    if network.name.startswith("mobilenet"):  # a vision transformer has no ReLU
        every |= _rules(score)
    return every


def _gradients(score: Score, steps: int, samples: int, chunk: int) -> dict[str, Case]:
    plain = jxai.gradient(score)
    path: dict[str, Any] = {"steps": steps, "chunk": chunk}
    draw: dict[str, Any] = {"samples": samples, "chunk": chunk}
    one, walk, drawn = (("gradient", n, c) for n, c in ((1, 1), (steps, chunk), (samples, chunk)))
    return {
        "gradient": Case(plain, (one,)),
        "times_input": Case(jxai.times_input(plain), (one,)),
        "integrated_gradients": Case(jxai.integrated_gradients(score, **path), (walk,)),
        "expected_gradients": Case(_black(jxai.expected_gradients(score, **draw)), (drawn,)),
        "blur_integrated_gradients": Case(jxai.blur_integrated_gradients(score, **path), (walk,)),
        "guided_integrated_gradients": Case(
            jxai.guided_integrated_gradients(score, steps=steps), (("gradient", steps, 1), ("forward", 1, 1))
        ),
        "idgi": Case(jxai.idgi(score, **path), (("gradient", steps + 1, chunk),)),
        "smoothgrad": Case(jxai.smoothgrad(plain, **draw), (drawn,)),
        "smoothgrad_squared": Case(jxai.smoothgrad_squared(plain, **draw), (drawn,)),
        "vargrad": Case(jxai.vargrad(plain, **draw), (drawn,)),
        "contrast": Case(_against(jxai.contrast(plain)), (("gradient", 2, 1),)),
        "all_classes": Case(_ten(jxai.all_classes(plain, chunk=chunk)), (("gradient", 10, chunk),), long=True),
    }


def _layers(network: Network, score: Score, steps: int, chunk: int) -> dict[str, Case]:
    at, middle = network.model.features, network.middle
    channels = jax.eval_shape(jxai.reap(score, at), *_example(network))[at].shape[-1]
    cam = ("features", 1, 1), ("head_gradient", 1, 1)
    path: dict[str, Any] = {"at": middle, "steps": steps, "chunk": chunk}
    head = ("middle_head", steps, chunk)
    make = {name: getattr(jxai, name) for name in ("grad_cam", "grad_cam_pp", "hires_cam", "layer_cam")}
    return {name: Case(cams(score, at=at), cam) for name, cams in make.items()} | {
        "eigen_cam": Case(jxai.eigen_cam(score, at=at), (("features", 1, 1),)),
        "score_cam": Case(
            jxai.score_cam(score, at=at, chunk=chunk), (("features", 1, 1), ("forward", channels, chunk)), long=True
        ),
        "conductance": Case(jxai.conductance(score, **path), (("middle_jvp", steps, chunk), head)),
        "conductance, differences": Case(
            jxai.conductance(score, **path, quadrature="differences"),
            (("middle", steps + 1, chunk), ("middle_head", steps + 1, chunk)),
        ),
        "internal_influence": Case(jxai.internal_influence(score, **path), (("middle", steps, chunk), head)),
    }


def _rules(score: Score) -> dict[str, Case]:
    one = (("gradient", 1, 1),)
    linear = {name: jxai.rules.epsilon() for name in ("dot_general", "conv_general_dilated", "depthwise_conv")}
    ruled = {
        "guided_backpropagation": {"relu": jxai.rules.guided},
        "deconvolution": {"relu": jxai.rules.deconvnet},
    }
    modified = {name: Case(jxai.gradient(jxai.with_rules(score, rules)), one) for name, rules in ruled.items()}
    relevance = jxai.times_input(jxai.gradient(jxai.with_rules(score, linear | {"relu": jxai.rules.passing})))
    return modified | {"lrp_epsilon": Case(relevance, one)}


def bare(network: Network, score: Score, kind: str) -> Callable:
    """One bare evaluation `(x, label, params)` of a batch, compiled; the head's layer values are its first argument."""
    at = network.middle if kind.startswith("middle") else network.model.features
    features, head = jxai.split(score, at)

    def along(x, *args):
        return jax.jvp(lambda x: features(x, *args), (x,), (x,))

    if kind in ("head_gradient", "middle_head"):
        return jax.jit(jax.vmap(jax.grad(head), in_axes=(0, 0, 0, None)))
    one = {
        "forward": score,
        "gradient": jax.value_and_grad(score),
        "features": features,
        "middle": features,
        "features_jvp": along,
        "middle_jvp": along,
    }[kind]
    return jax.jit(jax.vmap(one, in_axes=(0, 0, None)))


def blocks(count: int, chunk: int) -> tuple[int, int]:
    """In how many blocks of which size `count` evaluations run, as in `jxai.core.chunks`."""
    number = -(-count // chunk)
    return number, -(-count // number)


def _example(network: Network) -> tuple:
    size = network.model.size
    return jax.ShapeDtypeStruct((size, size, 3), jnp.float32), jax.ShapeDtypeStruct((), jnp.int32), network.params


def _black(explain: Explain) -> Explain:
    return lambda x, *args, key=None: explain(x, *args, key=key, baselines=jnp.zeros_like(x)[None])


def _against(explain: Explain) -> Explain:
    return lambda x, label, *args, key=None: explain(x, label, *args, key=key, against=(label + 1) % 1000)


def _ten(explain: Explain) -> Explain:
    return lambda x, label, *args, key=None: explain(x, (label + jnp.arange(10)) % 1000, *args, key=key)
