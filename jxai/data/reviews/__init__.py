"""Film reviews written by a grammar, with marked rationales."""

__all__: list[str] = []
