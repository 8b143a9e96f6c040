"""Attention maps: raw, rollout, and relevance propagated through a transformer."""

__all__: list[str] = []
