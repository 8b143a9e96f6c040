"""Pictures of maps and self-contained HTML pages, from plain NumPy arrays."""

from jxai.extras import needs

with needs("app"):
    from jxai.report import colours, files, pages, pictures, sections, sheets, text

__all__ = ["colours", "files", "pages", "pictures", "sections", "sheets", "text"]
