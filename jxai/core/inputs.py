"""Inputs of other forms than the one array for which a method is written, brought into that form and back.

takes_trees   several arrays at once, a pytree: they are joined to one vector, on which the method works
takes_space   an array whose axes of space are counted by `space=`: a picture `[h, w]` gets its axis of channels

Both are decorators of a method `(score, **options) -> Explain`. An input that has the method's own form goes in as it
is.
"""

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, overload

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, PyTree, Shaped

from jxai.core.errors import require_array, require_baseline, require_baselines, require_floating, require_positive
from jxai.core.leaves import is_array
from jxai.core.types import Explain

__all__ = ["Form", "join", "takes_space", "takes_trees", "with_channels", "without_batch"]

Method = TypeVar("Method", bound=Callable[..., Explain])


class Form(NamedTuple):
    """An input in the form that a method takes.

    Attributes:
        array: the input.
        bring: `value -> array`: a value like the input (a baseline) in the same form.
        back: `array -> value`: what has that form as the input was.
    """

    array: Shaped[Array, "..."]
    bring: Callable[[Any], Shaped[Array, "..."]]
    back: Callable[[Shaped[Array, "..."]], Any]


def join(x: PyTree[Float[Array, "..."]]) -> Form:
    """The arrays of a pytree as one vector, in the widest of their dtypes.

    Example:
        >>> import jax.numpy as jnp
        >>> form = join({"image": jnp.ones((2, 2)), "table": jnp.zeros(1)})
        >>> form.array.tolist(), form.back(form.array)["image"].shape
        ([1.0, 1.0, 1.0, 1.0, 0.0], (2, 2))
    """
    require_floating(x)
    leaves, tree = jax.tree.flatten(x)
    dtype = _widest([leaf.dtype for leaf in leaves])

    def bring(value: PyTree) -> Float[Array, " d"]:
        return jnp.concatenate([jnp.ravel(leaf).astype(dtype) for leaf in jax.tree.leaves(value)])

    def back(vector: Float[Array, " d"]) -> PyTree[Float[Array, "..."]]:
        parts, begin = [], 0
        for leaf in leaves:
            part = jax.lax.slice_in_dim(vector, begin, begin + leaf.size)
            parts.append(part.reshape(leaf.shape).astype(leaf.dtype))
            begin += leaf.size
        return jax.tree.unflatten(tree, parts)

    return Form(bring(x), bring, back)


def with_channels(x: PyTree[Shaped[Array, "..."]], space: int | None, method: str = "a method with space=") -> Form:
    """An array as `[*space, c]`: the axes after the first `space` are one axis of channels, of size 1 for none.

    Args:
        x: the array.
        space: how many axes of space; None: all but the last.
        method: for messages.

    Raises:
        TypeError: x is a pytree of several arrays.
        ValueError: x has fewer axes, or `space` is not positive.

    Example:
        >>> import jax.numpy as jnp
        >>> with_channels(jnp.ones((4, 6)), 2).array.shape
        (4, 6, 1)
    """
    require_array(x, method)
    shape = jnp.shape(x)
    if space is None or len(shape) == space + 1:
        return Form(x, lambda value: value, lambda array: array)
    require_positive(space=space)
    if len(shape) < space:
        raise ValueError(f"space={space} axes of space were announced; x has shape {shape}.")
    whole = (*shape[:space], math.prod(shape[space:]))
    return Form(jnp.reshape(x, whole), lambda value: jnp.reshape(value, whole), lambda array: array.reshape(shape))


def without_batch(
    maps: Shaped[Array, "..."], layer: Shaped[Array, "*space c"], x: PyTree[Shaped[Array, "..."]]
) -> Shaped[Array, "..."]:
    """Maps over a layer's space, without the axis of size 1 that a model puts in front of its one example.

    A layer has no more axes than `x`, one more if `x` are whole numbers (tokens); a first axis of size 1 beyond them is
    the model's own batch, as in `model(x[None])[0]`.

    Args:
        maps: `[*any, *space]`.
        layer: the layer that they are of.
        x: the example.

    Returns:
        The maps, `[*any, *space]` without the model's batch axis.

    Example:
        >>> import jax.numpy as jnp
        >>> without_batch(jnp.ones((1, 4, 4)), jnp.ones((1, 4, 4, 6)), jnp.ones((8, 8, 3))).shape
        (4, 4)
    """
    space = layer.shape[:-1]
    if is_array(x):
        axes = jnp.ndim(x) - bool(jnp.issubdtype(jnp.result_type(x), jnp.inexact))
        while len(space) > axes and space[0] == 1:
            space = space[1:]
    return maps.reshape(*maps.shape[: maps.ndim - layer.ndim + 1], *space)


@overload
def takes_trees(method: Method) -> Method: ...
@overload
def takes_trees(*, like_x: bool) -> Callable[[Method], Method]: ...
def takes_trees(method: Any = None, *, like_x: bool = True) -> Any:
    """Decorator: a method of one array of any shape, made one of any pytree of arrays.

    The arrays are joined to one vector; what the method promises (completeness, an order of all features) holds of all
    of them together. Baselines are pytrees like `x`, or a number for all.

    Args:
        method: `(score, **options) -> Explain`.
        like_x: whether the result has the form of `x`; else (the values of a layer) it is left as it is.

    Returns:
        The method. Of a pytree it returns one of the same structure.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> @takes_trees
        ... def slope(score):
        ...     return lambda x, *args, key=None: jax.grad(score)(x)
        >>> slope(lambda x: (x["a"] * x["b"]).sum())({"a": jnp.array([2.0]), "b": jnp.array([3.0])})["a"].tolist()
        [3.0]
    """
    if method is None:
        return functools.partial(takes_trees, like_x=like_x)
    return _through(method, lambda x, options: None if is_array(x) else join(x), like_x)


@overload
def takes_space(method: Method) -> Method: ...
@overload
def takes_space(*, like_x: bool) -> Callable[[Method], Method]: ...
def takes_space(method: Any = None, *, like_x: bool = False) -> Any:
    """Decorator: a method of arrays `[*space, c]`, made one that is told the axes of space by its option `space`.

    Args:
        method: `(score, *, space=None, **options) -> Explain`, which itself need not look at `space`.
        like_x: whether the result has the form of `x`; else it is a map over the space.

    Returns:
        The method.

    Example:
        >>> import jax.numpy as jnp
        >>> @takes_space
        ... def brightness(score, *, space=None):
        ...     return lambda x, *args, key=None: x.sum(-1)
        >>> brightness(jnp.sum, space=2)(jnp.ones((2, 3))).shape
        (2, 3)
    """
    if method is None:
        return functools.partial(takes_space, like_x=like_x)

    def form_of(x: Any, options: dict[str, Any]) -> Form | None:
        space = options.get("space")
        return None if space is None else with_channels(x, space, getattr(method, "__name__", "this method"))

    return _through(method, form_of, like_x)


def _through(method: Callable, form_of: Callable[[Any, dict[str, Any]], Form | None], like_x: bool) -> Callable:
    """The method for inputs that `form_of` brings into another form; None: they have it already."""

    @functools.wraps(method)
    def make(score: Any, **options: Any) -> Explain:
        explain = method(score, **options)  # also checks the options

        @functools.wraps(explain)
        def explain_any(x: Any, *args: Any, **inputs: Any) -> Any:
            form = form_of(x, options)
            if form is None:
                return explain(x, *args, **inputs)
            inner = method(lambda array, *args: score(form.back(array), *args), **options)
            result = inner(form.array, *args, **_brought(form, x, inputs))
            return form.back(result) if like_x else result

        return explain_any

    return make


def _brought(form: Form, x: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """The keywords of an explainer, of which baselines are brought into the form of x."""
    brought = dict(inputs)
    if inputs.get("baseline") is not None:
        brought["baseline"] = form.bring(require_baseline(x, inputs["baseline"], integers=True))
    for name in {"baselines", "backgrounds"} & inputs.keys():
        if inputs[name] is not None:
            brought[name] = jax.vmap(form.bring)(require_baselines(x, inputs[name], name, integers=True))
    return brought


def _widest(dtypes: list[Any]) -> Any:
    """The dtype that holds the numbers of all; of two different kinds of half precision it is float32."""
    widest = max(dtypes, key=lambda dtype: jnp.finfo(dtype).bits)
    narrow = jnp.finfo(widest).bits < 32 and len(set(dtypes)) > 1
    return jnp.dtype(jnp.float32) if narrow else widest
