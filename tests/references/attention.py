"""Literal references: what is read off the attention maps of a transformer, with loops."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from jxai import scores
from tests.cases import ATTENDING, LABEL, case_of
from tests.references.registry import replicates
from tests.references.transformer import BLOCKS, TOKENS, Transformer


def laid_out(row, x):
    """Tokens for text; for an image its patches, without the class token."""
    return row if x.ndim == 2 else row[1:].reshape(2, 2)


def fused(a, heads="mean"):
    return {"mean": sum(a) / len(a), "max": np.maximum(*a), "min": np.minimum(*a)}[heads]


def noise_like(x):
    return np.random.default_rng(1).normal(size=x.shape)


def product(a, b):
    return np.array([[sum(a[i, k] * b[k, j] for k in range(len(b))) for j in range(len(b))] for i in range(len(a))])


NETS = {kind: Transformer(case_of(kind).params, LABEL) for kind in ATTENDING}


def attending(kind, *, only=None, inputs=None, **settings):
    """The case of a method on one of the transformers; `only` is for the method alone."""

    def case(method, literal):
        x, params = case_of(kind).x, case_of(kind).params
        explain = method(scores.log_probability(case_of(kind).apply), **(only or {}), **settings)
        given = {name: jnp.asarray(array) for name, array in (inputs or {}).items()}
        found = jax.jit(lambda x, params: explain(x, LABEL, params, **given))(x, params)
        return found, literal(NETS[kind], np.asarray(x), **(inputs or {}), **settings)

    return case


def on_both(*settings):
    return [attending(kind, **options) for kind in ATTENDING for options in settings]


def of_first_layer(method, literal, at):
    case = case_of("tokens")
    explain = method(scores.log_probability(case.apply), at=at)
    return explain(case.x, LABEL, case.params), literal(NETS["tokens"], np.asarray(case.x), layer=0)


FIRST = [partial(of_first_layer, at=at) for at in ("block0/attention", "block[0]/*", ["block0/attention"])]


@replicates(jxai.raw_attention, cases=[*on_both({}, {"heads": "max"}, {"heads": "min"}), *FIRST], rtol=1e-5)
def raw_attention(net: Transformer, x, layer=-1, heads="mean"):
    """The class token's row of a layer's attention."""
    return laid_out(fused(net.maps(x)[layer], heads)[0], x)


ROLLOUTS = {}, {"heads": "max", "discard": 0.5}, {"heads": "min", "residual": 0.2}, {"discard": 0.6}


@replicates(jxai.attention_rollout, cases=on_both(*ROLLOUTS), rtol=1e-5, atol=1e-9)
def attention_rollout(net: Transformer, x, heads="mean", residual=0.5, discard=0.0):
    """Abnar and Zuidema 2020: the product of all layers' mixing matrices."""
    rolled = np.eye(TOKENS)
    for a in net.maps(x):
        a = fused(a, heads).copy()
        for place in sorted(np.ndindex(*a.shape), key=lambda place, a=a: a[place])[: int(discard * a.size)]:
            a[place] = 0.0
        a = (1 - residual) * a + residual * np.eye(TOKENS)
        rolled = product(a / a.sum(1, keepdims=True), rolled)
    return laid_out(rolled[0], x)


@replicates(jxai.attention_relevance, cases=on_both({"rule": "gradient"}, {"rule": "lrp"}), rtol=1e-5, atol=1e-9)
def attention_relevance(net: Transformer, x, rule="gradient"):
    """Chefer et al. 2021: ICCV, eq. 5 and 6; CVPR, eq. 13 and 14, both with the identity taken off at the end."""
    r = np.eye(TOKENS)
    weights = net.maps(x) if rule == "gradient" else net.relevance(x)
    for layer in range(BLOCKS):
        m = fused(np.maximum(net.slope(x, layer) * weights[layer], 0))
        r = r + product(m, r)
    return laid_out((r - np.eye(TOKENS))[0], x)


def transition(kind, steps, start):
    x = np.asarray(case_of(kind).x)
    return attending(kind, only={"chunk": 3}, inputs={"baseline": noise_like(x)}, steps=steps, start=start)


@replicates(
    jxai.transition_attention_maps,
    cases=[transition("patches", 4, 0), transition("tokens", 3, 0), transition("tokens", 1, 1)],
    rtol=1e-5,
    atol=1e-9,
)
def transition_attention_maps(net: Transformer, x, baseline, steps, start=0):
    """Yuan et al. 2021: states from the last layer down to `start`, times the integrated gradient of the last."""
    maps = [fused(a) for a in net.maps(x)]
    states = maps[-1][0]
    for layer in reversed(range(start, BLOCKS - 1)):
        states = states + states @ maps[layer]
    places = np.linspace(0, 1, steps) if steps > 1 else [1.0]
    total = sum(net.slope(baseline + t * (x - baseline), BLOCKS - 1) for t in places) / steps
    return laid_out(states * fused(np.maximum(total, 0))[0], x)
