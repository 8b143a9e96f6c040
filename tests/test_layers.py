"""The arrows of the house: who may import whom (by ast), and what `import jxai` brings in."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = {
    "core": {"core"},
    "signal": {"signal"},
    "data": {"data"},
    "explainers": {"core", "signal"},
    "metrics": {"core", "signal", "metrics"},
    "models": {"core", "models"},
    "language": {"core", "signal", "language"},
    "run": {"core", "data", "run"},
    "report": {"signal", "report"},
    "commands": {"face", "core", "signal", "data", "language", "metrics", "models", "run", "report", "commands"},
}
ONLY = {("models", "core"): {"jxai.core.taps"}, ("run", "core"): {"jxai.core.types", "jxai.core.sharing"}}
OUTSIDE = {
    "core": {"jax", "optax", "numpy"},
    "signal": {"jax", "jaxtyping", "numpy", "scipy", "skimage"},
    "explainers": {"jax", "numpy", "jaxtyping", "optax"},
    "metrics": {"jax", "numpy", "jaxtyping", "nltk", "pycocoevalcap", "sacrebleu"},
    "language": {"jax", "numpy", "jaxtyping", "flax", "optax", "textblob"},
}
FILES = sorted((ROOT / "jxai").glob("*/*.py"))


def imported(path: Path) -> set[str]:
    """Modules that a file imports; `from jxai.core import taps` counts as `jxai.core.taps`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            inside = (ROOT / (node.module or "").replace(".", "/")).is_dir()
            found |= {f"{node.module}.{alias.name}" if inside else str(node.module) for alias in node.names}
    return found


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else "face"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_fall(path):
    here = path.parent.name
    for module in imported(path):
        top = module.split(".")[0]
        if top != "jxai":
            standard = top in sys.stdlib_module_names
            assert standard or here not in OUTSIDE or top in OUTSIDE[here], f"{here} may not import {module}"
            continue
        own_init = path.name == "__init__.py" and room(module) == here
        assert own_init or room(module) in ALLOWED[here], f"{here} may not import {module}"
        if (here, room(module)) in ONLY:
            assert module in ONLY[here, room(module)], f"{here} may import only {ONLY[here, room(module)]} of core"


def test_jax_extend_stands_in_one_file():
    users = [path.name for path in FILES if any(m.startswith("jax.extend") for m in imported(path))]
    assert users == ["interpret.py"]


def test_files_are_rooms_of_one_idea():
    long = {str(p.relative_to(ROOT)): n for p in FILES if (n := len(p.read_text().splitlines())) > 260}
    assert not long


def test_every_module_names_its_public_functions():
    without = [p for p in FILES if p.name != "__init__.py" and "__all__" not in p.read_text()]
    assert not without


def test_face_imports_jax_and_optax_only():
    code = (
        "import sys, jax, optax; before = set(sys.modules); import jxai; "
        "print(*sorted({m.split('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"jax", "jaxtyping", "jxai", "numpy", "wadler_lindig"}
