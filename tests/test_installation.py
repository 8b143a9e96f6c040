"""The wheel, in a clean environment without any extra, away from the checkout. It asks the package index: `--slow`."""

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.paths import ROOT

pytestmark = pytest.mark.slow
EXAMPLE = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[0]


def run(*command, **options) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JAX", "XLA"))}
    return subprocess.run([*map(str, command)], env=environment, capture_output=True, text=True, **options)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "jxai", folder / "source" / "jxai", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):  # beside them an earlier build may have left its folder
        shutil.copy(ROOT / name, folder / "source")
    built = run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, folder / "source")
    assert built.returncode == 0, built.stderr
    return next(folder.glob("jxai-*.whl"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """A clean environment's interpreter, with the wheel and what it brings."""
    place = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    installed = run(python, "-m", "pip", "install", "--quiet", wheel)
    assert installed.returncode == 0, installed.stderr
    return python


def test_the_wheel_holds_the_package(wheel):
    files = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("jxai/")}
    kinds = ("**/*.py", "py.typed", "report/*.html")
    assert files == {str(path.relative_to(ROOT)) for kind in kinds for path in (ROOT / "jxai").glob(kind)}


def test_it_explains_away_from_the_checkout(python, tmp_path):
    (tmp_path / "example.py").write_text(
        EXAMPLE + "\nprint(jxai.__file__, maps.shape, bool(jnp.isfinite(auc).all()))\n"
    )
    done = run(python, "example.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    file, said = done.stdout.split(maxsplit=1)
    assert Path(file).is_relative_to(python.parents[1])
    assert said == "(5, 8, 8, 3) True\n"


def test_its_modules_are_imported(python, tmp_path):
    line = "from jxai import data, language, metrics, models, rules, run, signal"
    done = run(python, "-c", f"{line}; print(data.birds_meta(4).classes[0])", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "Grey-crowned Marsh Finch\n"), done.stderr


def test_an_extra_that_is_absent_is_named(python, tmp_path):
    for command in ([python.parent / "jxai", "list"], [python, "-m", "jxai", "demo"]):
        done = run(*command, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(r"jxai: \w+ is not installed: pip install 'jxai\[app\]'\n", done.stderr)
    call = "from jxai import metrics; metrics.bleu4(['a bird'], [['a bird']])"
    done = run(python, "-c", call, cwd=tmp_path)
    assert done.stderr.endswith("MissingExtra: pycocoevalcap is not installed: pip install 'jxai[words]'\n")
