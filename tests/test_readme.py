"""Every example of the README runs, its commands are understood, and its links lead somewhere."""

import re

import jax
import pytest

from jxai.pipelines.methods import methods
from tests.pages import commands, is_understood, run_python
from tests.paths import ROOT

PAGE = ROOT / "README.md"
TEXT = PAGE.read_text()


def test_python_examples_run_in_order():
    names = run_python(PAGE)
    assert names["maps"].shape == names["xs"].shape
    assert names["every"].shape == (10, 8, 8)
    assert names["auc"].shape == (5,)
    assert jax.tree.structure(names["slope"]) == jax.tree.structure(names["params"])


@pytest.mark.parametrize("line", commands(PAGE))
def test_commands_are_understood(line):
    command = is_understood(line)
    assert set(getattr(command, "method", ())) <= set(methods())


def test_links_lead_to_files():
    assert not [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if not (ROOT / link).is_file()]


def test_it_is_short():
    assert len(TEXT.splitlines()) < 150
