"""Weights of well-known releases: reading files, recognising architectures, renaming and reshaping arrays."""

__all__: list[str] = []
