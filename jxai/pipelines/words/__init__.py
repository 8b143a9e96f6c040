"""Explanations in words: features, captions, lexicon, captioners, and the explainer of sentences."""

__all__: list[str] = []
