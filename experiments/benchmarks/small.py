"""KernelSHAP on small networks, where what is not the network counts: 49 segments of a 28 x 28 image."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from experiments.benchmarks.timing import interleaved, ratio

__all__ = ["SMALL", "small_rows"]

SIZE, CLASSES = 28, 10
GROUPS = (np.arange(SIZE) // 4)[:, None] * 7 + np.arange(SIZE) // 4
TRIED = (1, 10, 25, 50, 100)


def dense(params: dict, x: jax.Array) -> jax.Array:
    """784 - 64 - 10."""
    return jax.nn.relu(x.reshape(-1) @ params["first"]) @ params["last"]


def convolutional(params: dict, x: jax.Array) -> jax.Array:
    """Two 3x3 convolutions of 8 and 16 channels, stride 2, and a dense layer."""
    for name in ("first", "second"):
        dimensions = ("NHWC", "HWIO", "NHWC")
        x = jax.lax.conv_general_dilated(x[None], params[name], (2, 2), [(1, 1), (1, 1)], dimension_numbers=dimensions)
        x = jax.nn.relu(x[0])
    return x.reshape(-1) @ params["last"]


SMALL: dict[str, tuple[Callable, dict[str, tuple[int, ...]]]] = {
    "small dense": (dense, {"first": (784, 64), "last": (64, CLASSES)}),
    "small convolutional": (
        convolutional,
        {"first": (3, 3, 1, 8), "second": (3, 3, 8, 16), "last": (784, CLASSES)},
    ),
}


def small_rows(names: tuple[str, ...], *, samples: int, rounds: int, captum: bool) -> Iterator[dict[str, Any]]:
    """One row a network: KernelSHAP, all coalitions side by side, against Captum's at its best setting."""
    for name in names:
        apply, shapes = SMALL[name]
        random = np.random.default_rng(0)
        params = {name: _drawn(random, shape) for name, shape in shapes.items()}
        x = random.uniform(size=(SIZE, SIZE, 1)).astype(np.float32)
        run, best = {"method": _ours(apply, params, x, samples), "bare": _bare(apply, params, x, samples)}, None
        if captum:
            run["captum"], best = _theirs(params, x, samples)
        times = interleaved(run, rounds=rounds)
        taken = times["method"]
        row = {"method": "kernel_shap", "network": name, "batch": 1, "evaluations": samples + 2}
        row |= {"seconds": taken.seconds, "ms": 1e3 * taken.median, "overhead": ratio(taken, times["bare"])}
        if captum:
            row |= {"to_captum": ratio(taken, times["captum"]), "captum_ms": 1e3 * times["captum"].median}
        yield row | {"captum_setting": best}


def _drawn(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return (random.normal(size=shape) / np.prod(shape[:-1]) ** 0.5).astype(np.float32)


def _ours(apply: Callable, params: dict, x: np.ndarray, samples: int) -> Callable[[], Any]:
    score = jxai.scores.logit(apply)
    explain = jxai.kernel_shap(score, samples=samples, chunk=samples)
    run = jax.jit(lambda x, params, key: explain(x, 3, params, key=key, groups=GROUPS))
    x, params, key = jax.device_put((x, params, jax.random.key(0)))
    return lambda: run(x, params, key)


def _bare(apply: Callable, params: dict, x: np.ndarray, samples: int) -> Callable[[], Any]:
    run = jax.jit(jax.vmap(apply, in_axes=(None, 0)))
    many, params = jax.device_put((jnp.repeat(x[None], samples, axis=0), params))
    return lambda: run(params, many)


def _theirs(params: dict, x: np.ndarray, samples: int) -> tuple[Callable[[], Any], int]:
    import torch
    from captum import attr

    from experiments.benchmarks.captum_coalitions import fastest

    weights = {name: torch.tensor(value) for name, value in params.items()}

    def forward(x: Any) -> Any:
        if "second" not in weights:
            return torch.relu(x.flatten(1) @ weights["first"]) @ weights["last"]
        for name in ("first", "second"):
            kernel = weights[name].permute(3, 2, 0, 1)
            x = torch.relu(torch.nn.functional.conv2d(x, kernel, stride=2, padding=1))
        return x.permute(0, 2, 3, 1).flatten(1) @ weights["last"]

    method, image, mask = attr.KernelShap(forward), torch.tensor(x.transpose(2, 0, 1))[None], torch.tensor(GROUPS)

    def call(setting: int) -> Any:
        options = {"n_samples": samples, "perturbations_per_eval": setting, "feature_mask": mask[None, None]}
        with torch.no_grad():
            return method.attribute(image, target=3, **options)

    best = fastest(call, tuple(n for n in TRIED if n <= samples))
    return lambda: call(best), best
