"""The commands' settings: frozen dataclasses, from which the command line is made."""

__all__: list[str] = []
