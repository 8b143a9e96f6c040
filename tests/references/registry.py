"""Ties a literal NumPy reference to the method that it replicates, so that a test can tell which methods have one."""

from collections.abc import Callable

__all__ = ["REFERENCES", "replicates"]

REFERENCES: dict[Callable, list[Callable]] = {}


def replicates(*methods: Callable) -> Callable[[Callable], Callable]:
    """Register the function below as the literal reference of `methods`."""

    def register(reference: Callable) -> Callable:
        for method in methods:
            REFERENCES.setdefault(method, []).append(reference)
        return reference

    return register
