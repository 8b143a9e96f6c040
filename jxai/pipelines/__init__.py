"""A loaded model, data and methods -> arrays. No command line, no files of results."""

__all__: list[str] = []
