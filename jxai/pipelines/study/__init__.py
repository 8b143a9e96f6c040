"""The key of a study, and its answers."""

__all__: list[str] = []
