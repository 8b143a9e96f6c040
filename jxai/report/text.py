"""Highlighted text: words and their values, as HTML and for a terminal.

Blue means against, vermilion for, as in maps of pictures. Not everyone sees colours: a bar below a word also means
against, a bar above it for (in a terminal: minus and plus signs behind it).
"""

import io

import numpy as np
from markupsafe import Markup, escape
from matplotlib.colors import to_hex

from jxai.report.colours import DIVERGING, DIVERGING_DARK, css_gradient, ink
from jxai.report.sections import Words

__all__ = ["STYLE", "highlight", "html", "terminal"]

LEVELS = 3  # steps of the bars and signs
MOST = 20  # largest number of words in the table of values

STYLE = f"""\
.jxai-text {{ margin: 0 0 1.4rem; max-width: 46rem; }}
.jxai-text .words {{ line-height: 2.1; overflow-wrap: anywhere; margin: .3rem 0 .5rem; }}
.jxai-text .words span {{
  background: var(--light); color: var(--light-ink); padding: .1em .2em; border: 0 solid currentColor;
  border-radius: 3px; box-decoration-break: clone; -webkit-box-decoration-break: clone;
  print-color-adjust: exact; -webkit-print-color-adjust: exact;
}}
.jxai-text .ramp {{ height: .6rem; border: 1px solid #8a93a0; border-radius: 3px; }}
.jxai-text .ramp {{ background: {css_gradient(DIVERGING)}; print-color-adjust: exact; }}
.jxai-text .ends {{ display: flex; justify-content: space-between; gap: 1rem; font-size: .85rem; }}
.jxai-text .ends i {{ font-style: normal; border: 0 solid; padding: 0 .15em; }}
.jxai-text summary {{ font-size: .85rem; cursor: pointer; }}
.jxai-text table {{ width: auto; border-collapse: collapse; font-size: .9rem; }}
.jxai-text td, .jxai-text th {{ padding: .15rem .7rem .15rem 0; text-align: left; border: 0; white-space: normal; }}
@media screen and (prefers-color-scheme: dark) {{
  .jxai-text .words span {{ background: var(--dark); color: var(--dark-ink); }}
  .jxai-text .ramp {{ background: {css_gradient(DIVERGING_DARK)}; }}
}}
"""
"""The style sheet of highlighted text, for the page around it."""

ALONE = """\
.jxai-text { background: #fff; color: #1b2330; padding: .8rem; font: 16px/1.5 system-ui, sans-serif; }
@media screen and (prefers-color-scheme: dark) { .jxai-text { background: #1b2129; color: #e8ebf0; } }
"""


def html(words: Words, *, limit: float | int | None = None) -> str:
    """Highlighted text with its style, for a notebook or your own page.

    Args:
        words: the text and its values.
        limit: magnitude of the strongest colour; None: the largest of the text.

    Returns:
        A self-contained piece of HTML: the caption, the text, a legend, and the strongest words with
        their values as a table. It follows the reader's light or dark mode, loads nothing and runs no script.

    Raises:
        ValueError: the limit is not above 0.

    Example:
        >>> import numpy as np
        >>> "dull: −0.2" in html(Words(("not", "dull"), np.array([0.5, -0.2])))
        True
    """
    return f"<style>\n{STYLE}{ALONE}</style>\n{highlight(words, limit=limit)}"


def highlight(words: Words, *, limit: float | int | None = None) -> Markup:
    """Highlighted text for a page that has `STYLE`; otherwise as `html`."""
    values, limit = _values(words, limit)
    head = f"<figcaption><strong>{escape(words.caption)}</strong>" if words.caption else "<figcaption>"
    head += f" <small>{escape(words.detail)}</small></figcaption>" if words.detail else "</figcaption>"
    spans = "".join(
        _span(word, value, limit) + (" " if space else "")
        for word, value, space in zip(words.words, values, words.spaces or [True] * len(values), strict=True)
    )
    return Markup(
        f'<figure class="jxai-text">{head}<p class="words">{spans}</p>{_legend(limit)}{_table(words)}</figure>'
    )


def terminal(words: Words, *, limit: float | int | None = None, colour: bool = True, width: int = 100) -> str:
    """Highlighted text for a terminal.

    Up to three plus signs (for) or minus signs (against) follow a word, so it is legible without colour too.

    Args:
        words: the text and its values.
        limit: magnitude of the strongest colour; None: the largest of the text.
        colour: whether to colour the words with ANSI sequences; not for files, nor where `NO_COLOR` is set.
        width: columns.

    Returns:
        Lines: the caption, the text, a legend, the strongest words with their values.

    Raises:
        ValueError: the limit is not above 0.

    Example:
        >>> import numpy as np
        >>> print(terminal(Words(("not", "dull"), np.array([0.5, -0.2])), colour=False))
        not+++ dull-
        +++ for, --- against; full strength 0.5
        strongest: not +0.5, dull −0.2
    """
    from rich.console import Console
    from rich.text import Text

    values, limit = _values(words, limit)
    text = Text()
    for word, value, space in zip(words.words, values, words.spaces or [True] * len(values), strict=True):
        level = _level(value, limit)
        style = "{1} on {0}".format(*_colours(DIVERGING, value, limit)) if level else ""
        text.append(_printable(word) + ("+" if value > 0 else "-") * level, style)
        text.append(" " if space else "")
    text.rstrip()
    strongest = ", ".join(f"{_printable(words.words[i])} {_number(values[i])}" for i in _order(values)[:5])
    legend = f"+++ for, --- against; full strength {limit:.3g}"
    lines = [*([Text(" ".join(filter(None, (words.caption, words.detail))))] if words.caption or words.detail else [])]
    lines += [text, Text(legend), Text(f"strongest: {strongest}")]
    buffer = io.StringIO()
    system = "truecolor" if colour else None
    console = Console(file=buffer, force_terminal=colour, color_system=system, width=width, no_color=not colour)
    console.print(*lines, sep="\n", highlight=False, end="")
    return buffer.getvalue()


def _values(words: Words, limit: float | int | None) -> tuple[np.ndarray, float]:
    values = np.asarray(words.values, np.float64)
    if limit is None:
        return values, float(np.abs(values).max()) or 1.0  # all zeros: any scale will do
    if not limit > 0:
        raise ValueError(f"limit must be above zero; limit={limit} came.")
    return values, float(limit)


def _span(word: str, value: float, limit: float) -> str:
    (light, light_ink), (dark, dark_ink) = (_colours(kind, value, limit) for kind in (DIVERGING, DIVERGING_DARK))
    level = _level(value, limit)
    bar = f";border-{'top' if value > 0 else 'bottom'}-width:{level}px" if level else ""
    style = f"--light:{light};--light-ink:{light_ink};--dark:{dark};--dark-ink:{dark_ink}{bar}"
    return f'<span title="{escape(word)}: {_number(value)}" style="{style}">{escape(word)}</span>'


def _colours(kind, value: float, limit: float) -> tuple[str, str]:
    """Background and text colour of a word."""
    colour = kind(0.5 + 0.5 * float(np.clip(value / limit, -1, 1)))
    return to_hex(colour), ink(colour)


def _level(value: float, limit: float) -> int:
    """The strength in steps, 0 (nearly none) to `LEVELS`; halves round up."""
    return int(min(LEVELS, np.floor(LEVELS * abs(value) / limit + 0.5)))


def _legend(limit: float) -> str:
    return (
        '<div class="ramp" aria-hidden="true"></div><div class="ends">'
        f'<span>{_number(-limit)} <i style="border-bottom-width:2px">against</i></span><span>no effect</span>'
        f'<span><i style="border-top-width:2px">for</i> {_number(limit)}</span></div>'
    )


def _table(words: Words) -> str:
    """The strongest words and their values, for readers who cannot hover or see colours."""
    values = np.asarray(words.values, np.float64)
    rows = "".join(
        f"<tr><td>{escape(words.words[i])}</td><td>{i + 1}</td><td>{_number(values[i])}</td></tr>"
        for i in _order(values)[:MOST]
    )
    head = '<thead><tr><th scope="col">Word</th><th scope="col">Place</th><th scope="col">Value</th></tr></thead>'
    title = "Values of the words" if len(values) <= MOST else f"Values of the {MOST} strongest words"
    return f"<details><summary>{title}</summary><table>{head}<tbody>{rows}</tbody></table></details>"


def _order(values: np.ndarray) -> list[int]:
    return np.argsort(-np.abs(values), kind="stable").tolist()


def _number(value: float) -> str:
    return f"{value:+.3g}".replace("-", "−")


def _printable(word: str) -> str:
    """The word without control characters: a terminal would execute its escape sequences."""
    return "".join(letter if letter.isprintable() else "�" for letter in word)
