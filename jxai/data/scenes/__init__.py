"""Scenes drawn here in the schema of ADE20K: object masks, boxes, what people do, captions."""

__all__: list[str] = []
