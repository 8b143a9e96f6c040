"""Agreement of an attribution with what people marked."""

__all__: list[str] = []
