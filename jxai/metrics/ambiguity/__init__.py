"""Whether insecurities lie where classes are ambiguous."""

__all__: list[str] = []
