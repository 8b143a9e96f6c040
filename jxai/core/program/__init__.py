"""A JAX program as a list of operations: replay, recognition of activations, affine and piecewise linear parts."""

__all__: list[str] = []
