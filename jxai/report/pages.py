"""Self-contained HTML pages: from data to text.

A page is data (`report.sections`): `Page(title, sections, ...)`, of photographs, texts, galleries, tables and notes.
Images are embedded, styles inline, nothing is loaded from elsewhere; every text is escaped.
"""

import os
import re
from importlib.resources import files as resources

import jinja2
import numpy as np
from markupsafe import Markup, escape

from jxai.report.colours import DIVERGING, SEQUENTIAL, css_gradient
from jxai.report.files import data_uri, write_atomically
from jxai.report.pictures import rgb
from jxai.report.sections import Page, Picture, mean_of
from jxai.report.text import STYLE, highlight

__all__ = ["render", "write_page"]


def render(page: Page) -> str:
    """The page as HTML.

    Args:
        page: what it holds.

    Returns:
        One self-contained document: it loads nothing, runs no script, and follows the reader's light or dark mode.

    Example:
        >>> from jxai.report.sections import Note
        >>> page = Page("Maps of <two> birds", (Note("How", ("By gradients.",)),), facts={"Model": "small_cnn"})
        >>> "Maps of &lt;two&gt; birds" in render(page)
        True
    """
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"uri": _uri, "slug": _slug, "percent": _percent, "number": _number}
    environment.filters |= {"soft": _soft, "across": _across, "words": highlight}
    template = environment.from_string(resources("jxai.report").joinpath("explain.html").read_text("utf-8"))
    gradients = {"diverging": css_gradient(DIVERGING), "sequential": css_gradient(SEQUENTIAL)}
    return template.render(page=page, gradients=gradients, words_style=Markup(STYLE))


def write_page(path: str | os.PathLike, page: Page) -> None:
    """Write the page, whole or not at all (see `files.write_atomically`).

    Args:
        path: the HTML file.
        page: what it holds.

    Example:
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "index.html")
        >>> write_page(path, Page("Empty", ()))
        >>> os.path.getsize(path) > 1000
        True
    """
    write_atomically(path, render(page).encode())


def _number(cell: object, digits: int) -> str:
    mean = mean_of(cell)
    if mean is None:
        return "–" if cell is None else str(cell)
    if isinstance(cell, int | np.integer):
        return f"{cell:,}"
    return f"{mean:.{digits}f}".replace("-", "−") if np.isfinite(mean) else "not finite"


def _percent(share: float | int) -> str:
    if not 0 <= share <= 1.0001:
        raise ValueError(f"Prediction: expected a probability within 0..1, got {share}.")
    return f"{100 * share:.1f}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "section"


def _uri(picture: Picture, side: int, quality: int) -> str:
    return data_uri(rgb(picture.image), side=side, quality=quality)


def _soft(text: str) -> Markup:
    """Names of functions may break after an underscore."""
    return Markup("_<wbr>").join(escape(part) for part in text.split("_"))


def _across(pictures: int, most: int) -> int:
    """Pictures in a line on a wide screen, so that lines are of even length."""
    lines = max(-(-pictures // most), 1)
    return max(-(-pictures // lines), 3)
