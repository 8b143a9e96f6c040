"""Deliberative explanations: ambiguity maps, their Taylor terms, and insecurities."""

__all__: list[str] = []
