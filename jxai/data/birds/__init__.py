"""Birds drawn here in the schema of CUB-200-2011: parts, masks, attributes, captions, confusable species."""

__all__: list[str] = []
