"""Every example of the README runs."""

import re
import shlex
from pathlib import Path

import jax
import pytest
import tyro

from jxai.cli.settings.commands import Command
from jxai.pipelines.methods import methods

TEXT = (Path(__file__).resolve().parents[1] / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_python_examples_run_in_order():
    names = {}
    with jax.numpy_dtype_promotion("standard"), jax.enable_x64(False):
        for block in blocks("python"):
            exec(block, names)
    assert names["maps"].shape == names["xs"].shape
    assert names["every"].shape == (10, 8, 8)
    assert names["auc"].shape == (5,)
    assert jax.tree.structure(names["slope"]) == jax.tree.structure(names["params"])


COMMANDS = [
    line for block in blocks("sh") for line in block.replace("\\\n", "").splitlines() if line.startswith("jxai")
]


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_are_understood(line):
    command = tyro.cli(Command, prog="jxai", args=shlex.split(line)[1:])
    assert set(getattr(command, "method", ())) <= set(methods())


def test_table_names_every_method():
    table = TEXT[TEXT.index("## Methods") :]
    assert [name for name in methods() if f"`{name}" not in table] == []
