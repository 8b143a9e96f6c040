"""Texts, long ones in passages: tokens, methods, rationales."""

__all__: list[str] = []
