"""The command line as a union: each command has its own flags, old spellings say the new ones, help is quick."""

import subprocess
import sys

import pytest

from jxai.cli.app import main
from jxai.cli.moved import MOVED, new_name

OLD = {
    "explain photo.png --flex run": "jxai describe --explainer RUN",
    "explain --flex=run --test 3": "jxai describe --explainer RUN",
    "explain --deliberate --weights run --hardest 3": "jxai deliberate",
    "explain --text words --weights run": "jxai text TEXT...",
    "train flex --weights run": "jxai train words",
    "train --data scenes flex --weights run": "jxai train words",
    "train --hardness run --epochs 4 --out hard": "jxai train hardness --weights RUN",
    "train --data reviews": "jxai train text --data reviews",
    "train --out sst-run --data=sst --source sst2": "jxai train text --data reviews",
    "train --data birds --species 6": "jxai train classifier --data birds",
    "train --out flex": "jxai train classifier --data birds",
    "train --out reviews": "jxai train classifier --data birds",
    "train": "jxai train classifier --data birds",
}


@pytest.mark.parametrize("line", OLD)
def test_an_old_spelling_says_the_new_one(capsys, line):
    with pytest.raises(SystemExit) as stop:
        main(line.split())
    assert stop.value.code == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("jxai: ") and said.endswith(f"is now {OLD[line]}.")


def test_every_old_spelling_is_tried():
    said = {new_name(line.split()) for line in OLD}
    assert len(said) == len(MOVED) and None not in said


@pytest.mark.parametrize(
    "line",
    [
        "list",
        "train --help",
        "train words --weights flex",
        "explain flex.png --weights text",
        "deliberate --weights run --test 1",
        "",
    ],
)
def test_what_is_called_so_today_has_not_moved(line):
    assert new_name(line.split()) is None


WRONG = {
    "explain": [
        "--hardest 3",
        "--test 1",
        "--coverage 0.3",
        "--beam 2",
        "--explainer run",
        "--like words",
        "--vocab v",
    ],
    "deliberate": [
        "--method gradient",
        "--target top",
        "--measure",
        "--against 1",
        "--steps 3",
        "--beam 2",
        "--wrong 1",
    ],
    "describe": ["--method gradient", "--hardest 3", "--steps 3", "--coverage 0.3", "--measure", "--against 1"],
    "text": ["--count 9", "--groups grid", "--crop 1.0", "--per-device 2", "--hardest 3"],
    "study": ["--method gradient", "--most 3", "--steps 3", "--target top", "--beam 2"],
    "demo": ["--weights run", "--target top", "--labels file", "--hardest 3"],
    "list": ["--method gradient"],
}
NEEDED = {
    "explain": "p.png --weights w",
    "deliberate": "--weights w",
    "describe": "--explainer e",
    "text": "t --weights w",
}


@pytest.mark.parametrize(("command", "flag"), [(command, flag) for command, flags in WRONG.items() for flag in flags])
def test_flags_of_other_commands_cannot_be_typed(capsys, command, flag):
    with pytest.raises(SystemExit, match="2"):
        main([command, *NEEDED.get(command, "").split(), *flag.split()])
    assert flag.split()[0] in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("explain photo.png", "--weights"),
        ("deliberate", "--weights"),
        ("describe", "--explainer"),
        ("text words", "--weights"),
    ],
)
def test_what_a_command_needs_is_asked_for(capsys, line, missing):
    with pytest.raises(SystemExit, match="2"):
        main(line.split())
    assert missing in capsys.readouterr().err


def test_help_loads_no_models():
    code = """
import sys
from jxai.cli.app import main
try:
    main(["explain", "--help"])
except SystemExit:
    print(*(name for name in ("flax", "rich.progress", "jxai.models", "jxai.run") if name in sys.modules), "end")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--weights" in done.stdout and done.stdout.splitlines()[-1] == "end"
