"""What a function of one number is, found by computing it on a grid: affine, ReLU, or something else.

The spelling does not matter then, nor the name. Points lie close to 0, far from it, and between.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jxai.core.program.derivatives import CUSTOM
from jxai.core.program.regions import Region

__all__ = ["Match", "Probe", "probe"]

_UNITS = np.array([1e-4, 0.011, 0.07, 0.31, 0.83, 1.4, 2.3, 3.7, 5.1, 8.3, 13.0, 47.0, 110.0, 900.0, 20000.0])
_seen: dict[Any, "Probe"] = {}


class Match(NamedTuple):
    """One value of a region is `scale * min(max(u, 0), top)` of another, `u`; both by their place in the region."""

    value: int
    of: int
    scale: float
    top: float | None


class Probe(NamedTuple):
    """What a region computes."""

    affine: bool
    relus: tuple[Match, ...]  # the ones that act: each is all that the result sees, or leaves its kink in the result


def probe(region: Region, known: dict[int, Any], dtype: Any) -> Probe:
    """What a region is, as a function of its source alone; neither affine nor a ReLU where that cannot be computed."""
    unknown = [ref for ref in region.others if ref.number not in known]
    if unknown or any(op.name in CUSTOM for op in region.operations) or not jnp.issubdtype(dtype, jnp.floating):
        return Probe(False, ())
    others = tuple(known[ref.number] for ref in region.others)
    key = (region.key(), tuple(map(str, others)), str(dtype))
    if key not in _seen:
        if len(_seen) > 1000:
            _seen.clear()
        with jax.ensure_compile_time_eval(), np.errstate(all="ignore"):
            _seen[key] = _probed(region, tuple(map(jnp.asarray, others)), dtype)
    return _seen[key]


def _probed(region: Region, others: tuple, dtype: Any) -> Probe:
    points = _UNITS[_UNITS < float(jnp.finfo(dtype).max) / 4]
    x = jnp.asarray(np.concatenate([-points[::-1], points]), dtype)
    values = {n: np.asarray(v, np.float64) for n, v in region.values(x, *others).items() if jnp.shape(v) == x.shape}
    numbers = [region.source, *(op.outputs[0] for op in region.operations)]
    affine = _is_affine(region, others, x)
    found: list[Match] = []
    for i in range(len(numbers)):
        # a multiple of a ReLU that was found is not another one
        behind = {m.value for m in found}
        match = None if behind & _before(region, numbers, i) else _relu(values, numbers, i, dtype)
        if match and _acts(region, others, numbers, match, dtype):
            found.append(match)
    return Probe(affine, tuple(found))


def _relu(values: dict[int, np.ndarray], numbers: list[int], at: int, dtype: Any) -> Match | None:
    """The nearest earlier value of which this one is a ReLU, if there is one."""
    result = values.get(numbers[at])
    for of in reversed(range(at)):
        u = values.get(numbers[of])
        if u is None or result is None or not np.isfinite(u).all() or not np.isfinite(result).all():
            continue
        above, below = u > 0, u < 0
        # all spellings give exactly 0 below 0: a small number there is a floor, not a ReLU
        if above.sum() < 3 or below.sum() < 3 or np.any(result[below]) or not np.all(result[above]):
            continue
        small = np.argmin(np.where(above, u, np.inf))
        scale, most = result[small] / u[small], np.abs(result).max()
        top = most / abs(scale)
        if np.sum(u[above] < top * 0.99) < 2:
            continue  # a step: it rises at once
        expected = scale * np.minimum(u[above], top)
        if np.allclose(result[above], expected, rtol=8 * float(jnp.finfo(dtype).eps) ** 0.75):
            return Match(at, of, float(scale), None if np.isclose(top, u.max(), rtol=0.02) else float(top))
    return None


def _is_affine(region: Region, others: tuple, x: jax.Array) -> bool:
    result, slopes = jax.jvp(lambda x: region.call(x, *others)[0], (x,), (jnp.ones_like(x),))
    if not jnp.issubdtype(result.dtype, jnp.floating):
        return False
    at, y, slope = (np.asarray(v, np.float64) for v in (x, result, slopes))
    # from point to point too: a step has the derivative of a constant
    rise, run = np.diff(y), slope[0] * np.diff(at)
    near = 32 * float(jnp.finfo(x.dtype).eps)
    return bool(
        np.allclose(slope, slope[0], rtol=near, atol=0)
        and np.all(np.abs(rise - run) <= near * (np.abs(y[1:]) + np.abs(y[:-1]) + np.abs(run)))
    )


def _before(region: Region, numbers: list[int], at: int) -> set[int]:
    """Places of the values that a value of the region is made of."""
    place, made, left = {n: i for i, n in enumerate(numbers)}, set(), [at]
    while left:
        i = left.pop()
        inputs = region.operations[i - 1].inputs if i else ()
        new = {place[ref.number] for ref in inputs if ref.number in place} - made
        made |= new
        left += new
    return made


def _acts(region: Region, others: tuple, numbers: list[int], match: Match, dtype: Any) -> bool:
    """Whether a ReLU is felt in the result: softplus holds a maximum, too, and is smooth."""
    producer = {op.outputs[0]: op for op in region.operations}
    left, seen = [region.result], set()
    while left:  # the ways back from the result that do not lead through the ReLU
        number = left.pop()
        if number == region.source:
            return _has_kink(region, others, numbers[match.of], dtype)
        if number != numbers[match.value] and number in producer and number not in seen:
            seen.add(number)
            left += [ref.number for ref in producer[number].inputs]
    return True


def _has_kink(region: Region, others: tuple, of: int, dtype: Any) -> bool:
    """Whether the derivative of the result jumps where the value `of` crosses 0."""
    low, high = _crossing(lambda x: np.asarray(region.values(x, *others)[of], np.float64), dtype)
    middle, jumps = (low + high) / 2, []
    for step in (1e-1, 1e-3):
        x = jnp.asarray([middle - step - (high - low), middle + step + (high - low)], dtype)
        _, slopes = jax.jvp(lambda x: region.call(x, *others)[0], (x,), (jnp.ones_like(x),))
        jumps.append(abs(float(slopes[1]) - float(slopes[0])))
    return jumps[1] > 1e-3 and jumps[1] > jumps[0] / 4


def _crossing(of: Any, dtype: Any) -> tuple[float, float]:
    x = np.linspace(-30.0, 30.0, 64)
    for _ in range(4):
        signs = np.sign(of(jnp.asarray(x, dtype)))
        at = int(np.argmax(signs[1:] != signs[:-1]))
        x = np.linspace(x[at], x[at + 1], 64)
    return float(x[0]), float(x[-1])
