"""Sentences against those of people, and against what the decision rests on."""

__all__: list[str] = []
