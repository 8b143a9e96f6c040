"""The check of types at run time: prepared once for each function that is written, not for each that is made.

jaxtyping prepares a check every time that a function is made, so also for every explainer that is built and every
function inside it; that took a sixth of the tests' time. Here functions of the same code and types share one check
(jaxtyping's own, with beartype), which is told at each call which of them it stands for.
"""

import functools
import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any

import jaxtyping
from beartype import BeartypeConf, beartype

__all__ = ["checked", "remember"]

_jaxtyped = jaxtyping.jaxtyped
_shared: dict[Any, tuple[Callable, Any]] = {}
checked = beartype(conf=BeartypeConf(is_pep484_tower=True))


def remember() -> None:
    """From now on jaxtyping's import hook shares checks."""
    jaxtyping.jaxtyped = shared


def shared(fn: Any = None, *, typechecker: Any) -> Any:
    """`jaxtyping.jaxtyped`, for plain functions with one check for all of the same code and types."""
    if fn is None:
        return functools.partial(shared, typechecker=typechecker)
    types = tuple(getattr(fn, "__annotations__", {}).items())
    if not isinstance(fn, FunctionType) or any(isinstance(kind, str) for _, kind in types):
        return _jaxtyped(fn, typechecker=typechecker)
    key = (fn.__code__, len(fn.__defaults__ or ()), tuple(fn.__kwdefaults__ or ()), types)
    if key not in _shared:
        _shared[key] = _check(fn, typechecker)
    check, meant = _shared[key]

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        before, meant.fn = getattr(meant, "fn", None), fn
        try:
            return check(*args, **kwargs)
        finally:
            meant.fn = before

    return call


def _check(fn: Callable, typechecker: Any) -> tuple[Callable, Any]:
    meant = threading.local()

    @functools.wraps(fn)
    def stand_in(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        return meant.fn(*args, **kwargs)

    return _jaxtyped(stand_in, typechecker=typechecker), meant
