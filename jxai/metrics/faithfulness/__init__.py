"""Whether an attribution ranks what the score depends on."""

__all__: list[str] = []
