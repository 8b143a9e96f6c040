"""The check of types at run time: beartype, prepared once for each signature.

jaxtyping asks for a check each time that a function is made, so also for every explainer that is built and every
function inside it. What it hands over are stand-ins of the same signature, which take arguments and do nothing: one
stands for all of the same code and types.
"""

from collections.abc import Callable
from typing import Any

from beartype import BeartypeConf, beartype

__all__ = ["checked"]

_CONFIG = BeartypeConf(is_pep484_tower=True)
_known: dict[Any, Callable] = {}


def checked(fn: Callable) -> Callable:
    """`fn` with its arguments and result checked; `fn` has no state of its own."""
    assert fn.__closure__ is None and fn.__code__.co_filename == "<string>"
    optional = (len(fn.__defaults__ or ()), *sorted(fn.__kwdefaults__ or ()))
    signature = (fn.__module__, fn.__qualname__, fn.__code__, optional, tuple(fn.__annotations__.items()))
    try:
        return _known[signature]
    except KeyError:
        return _known.setdefault(signature, beartype(conf=_CONFIG)(fn))
