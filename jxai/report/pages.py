"""Self-contained HTML pages: from data to text.

A page is data: `Page(title, sections, ...)` with photographs, texts, insecurities, sentences, galleries, tables and
notes as sections (`report.sections`, `report.insecurities`, `report.flex`).
Images are embedded and styles inline, so a page loads nothing from elsewhere. Every text is escaped.
"""

import base64
import hashlib
import os
import re
from importlib.resources import files as resources

import jinja2
import numpy as np
from markupsafe import Markup, escape

from jxai.report.colours import DIVERGING, SEQUENTIAL, css_gradient
from jxai.report.files import data_uri, write_atomically
from jxai.report.flex import annotation, source
from jxai.report.insecurities import Insecurity, pack
from jxai.report.pictures import rgb
from jxai.report.sections import Page, Picture, mean_of
from jxai.report.text import STYLE, highlight

__all__ = ["render", "templates", "write_page"]


def render(page: Page) -> str:
    """The page as HTML.

    Args:
        page: its content.

    Returns:
        One self-contained document that loads nothing and follows the reader's light or dark mode. Only a page with
        insecurities has a script, for its slider.

    Example:
        >>> from jxai.report.sections import Note
        >>> page = Page("Maps of <two> birds", (Note("How", ("By gradients.",)),), facts={"Model": "small_cnn"})
        >>> "Maps of &lt;two&gt; birds" in render(page)
        True
    """
    environment = templates()
    has_slider = any(section.kind == "deliberation" for section in page.sections)
    script = environment.get_template("deliberation.html").module.script() if has_slider else ""  # type: ignore[attr-defined]
    gradients = {"diverging": css_gradient(DIVERGING), "sequential": css_gradient(SEQUENTIAL)}
    template = environment.get_template("explain.html")
    return template.render(page=page, gradients=gradients, words_style=Markup(STYLE), script=script)


def templates() -> jinja2.Environment:
    """The templates of pages with their filters; every text is escaped."""
    # By name and not from a folder: the package may be inside a zip. StrictUndefined: a misspelt field is an error
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: resources("jxai.report").joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"uri": _uri, "slug": _slug, "percent": _percent, "number": _number}
    environment.filters |= {"soft": _soft, "across": _across, "words": highlight, "sha256": _sha256}
    environment.filters |= {"annotation": annotation, "source": source}
    environment.filters |= {"photo": _photo, "pack": pack, "points": _points, "strength": _strength}
    return environment


def write_page(path: str | os.PathLike, page: Page) -> None:
    """Writes the page completely or not at all (see `files.write_atomically`).

    Args:
        path: the HTML file.
        page: its content.

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
        return f"{cell:,}"  # counts have no decimals
    return f"{mean:.{digits}f}".replace("-", "−") if np.isfinite(mean) else "not finite"


def _percent(share: float | int) -> str:
    if not 0 <= share <= 1.0001:  # a softmax in float32 may round above 1
        raise ValueError(f"Prediction: expected a probability within 0..1, got {share}.")
    return f"{100 * share:.1f}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "section"


def _uri(picture: Picture, side: int, quality: int) -> str:
    return data_uri(rgb(picture.image), side=side, quality=quality)


def _photo(image: np.ndarray, side: int, quality: int) -> str:
    return data_uri(rgb(image), side=side, quality=quality)


def _points(insecurity: Insecurity) -> list[tuple[float, float] | None]:
    return [part.point for part in insecurity.shared]


def _strength(value: float | int) -> str:
    return f"{value:.2g}".replace("-", "−")


def _sha256(script: str) -> str:
    """The hash by which the page's Content-Security-Policy allows this script and no other."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _soft(text: str) -> Markup:
    """Lets names of functions break after an underscore."""
    return Markup("_<wbr>").join(escape(part) for part in text.split("_"))


def _across(pictures: int, most: int) -> int:
    """Pictures in a line on a wide screen, such that lines have similar lengths."""
    lines = max(-(-pictures // most), 1)
    return max(-(-pictures // lines), 3)
