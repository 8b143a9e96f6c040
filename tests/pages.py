"""The code blocks of Markdown pages, and ways to run and to read them."""

import re
import shlex
from pathlib import Path

import jax
import tyro

from jxai.cli.settings.commands import Command
from tests.paths import ROOT

__all__ = ["PAGES", "commands", "is_understood", "run_python"]

PAGES = ROOT / "jxai" / "docs" / "pages"


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def run_python(page: Path) -> dict:
    """The names that the page's Python blocks define, run in order as one script with JAX's own defaults."""
    names: dict = {"__name__": page.stem}
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"), jax.enable_x64(False):
        for block in blocks(page, "python"):
            exec(compile(block, str(page), "exec"), names)
    return names


def commands(page: Path) -> list[str]:
    """The lines of the page's shell blocks that call `jxai`."""
    joined = (block.replace("\\\n", "") for block in blocks(page, "sh"))
    return [line for block in joined for line in block.splitlines() if line.startswith("jxai")]


def is_understood(line: str):
    """The command that the line is parsed to; a wrong flag leaves the process."""
    return tyro.cli(Command, prog="jxai", args=shlex.split(line)[1:])
