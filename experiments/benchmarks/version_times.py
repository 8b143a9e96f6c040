"""Seconds to trace, compile and run methods: a process of `versions.py`, which runs it with either version of jxai.

python version_times.py MODEL CALLS METHOD...
"""

import json
import statistics
import sys
import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from jxai import models

__all__ = ["main"]

MAKE = {
    "gradient": lambda score, at: jxai.gradient(score),
    "integrated_gradients": lambda score, at: jxai.integrated_gradients(score, steps=16),
    "grad_cam": lambda score, at: jxai.grad_cam(score, at=at),
    "guided_backprop": lambda score, at: jxai.guided_backprop(score),
    "deep_lift": lambda score, at: jxai.deep_lift(score),
    "lrp": lambda score, at: jxai.lrp(score),
}


def main(name: str, calls: int, methods: list[str]) -> dict[str, dict[str, float]]:
    """Seconds by method and part; empty where the method refuses the network (guided backprop without a ReLU)."""
    model = getattr(models, name)()
    params = jax.jit(model.init)(jax.random.key(0))
    x = jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (model.size, model.size, 3)), jnp.float32)
    score = jxai.scores.logit(model.apply)
    return {method: _times(MAKE[method](score, model.features), (x, 1, params), calls) for method in methods}


def _times(explain: Any, args: tuple, calls: int) -> dict[str, float]:
    x, label, params = args
    start = time.perf_counter()
    try:
        traced = jax.jit(lambda x, params: explain(x, label, params)).lower(x, params)
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return {}
    between = time.perf_counter()
    compiled = traced.compile()
    end = time.perf_counter()
    jax.block_until_ready(compiled(x, params))
    runs = []
    for _ in range(calls):
        begin = time.perf_counter()
        jax.block_until_ready(compiled(x, params))
        runs.append(time.perf_counter() - begin)
    return {"trace": between - start, "compile": end - between, "run": statistics.median(runs)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])))
