"""Answers of people: agreement and confidence intervals."""

__all__: list[str] = []
