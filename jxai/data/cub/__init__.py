"""CUB-200-2011 (Wah et al. 2011), from its official folder or packed files."""

__all__: list[str] = []
