"""The arrows of the house: who may import whom (by ast), and what `import jxai` brings in."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

ALLOWED = {
    "core": {"core"},
    "signal": {"signal"},
    "data": {"data"},
    "report": {"signal", "report"},
    "rules": {"core", "rules"},
    "metrics": {"core", "signal", "metrics"},
    "models": {"core", "models"},
    "language": {"core", "signal", "models", "language"},
    "run": {"core", "data", "run"},
    "train": {"core", "data", "run", "train"},
    "explainers": {"core", "signal", "rules", "explainers"},
}
ALLOWED["methods"] = {"explainers", "core", "rules", "methods"}
ALLOWED["measures"] = {"metrics", "measures"}
LIBRARY = {"face", *ALLOWED}
EVERYWHERE = {"extras"}  # which extra brings a library that is missing
ALLOWED["pipelines"] = LIBRARY | {"pipelines"}
ALLOWED["cli"] = ALLOWED["pipelines"] | {"cli"}
ALLOWED["tables"] = ALLOWED["pipelines"]  # what the documentation shows of all of them
ONLY = {
    ("models", "core"): {"jxai.core.taps"},
    ("language", "models"): {"jxai.models.modules"},
    ("run", "core"): {"jxai.core.types", "jxai.core.devices"},
    ("train", "core"): {"jxai.core.types", "jxai.core.devices"},
}
FAMILIES = ("explainers", "metrics", "data")  # what a folder inside these needs of another stands above both
SHARED_FAMILIES = {"data": {"birds"}}  # CUB's schema is that of birds
OUTSIDE = {
    "core": {"jax", "optax", "numpy", "jaxtyping"},
    "signal": {"jax", "jaxtyping", "numpy", "scipy", "skimage"},
    "rules": {"jax", "jaxtyping", "numpy"},
    "explainers": {"jax", "numpy", "jaxtyping", "optax"},
    "metrics": {"jax", "optax", "numpy", "jaxtyping", "nltk", "pycocoevalcap", "sacrebleu", "scipy"},
    "language": {"jax", "numpy", "jaxtyping", "flax", "optax", "textblob"},
}
FILES = sorted((ROOT / "jxai").rglob("*.py"))


def name_of(path: Path) -> str:
    """The dotted name of a module; of a package's `__init__`, the package's."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def imported(path: Path) -> set[str]:
    """Modules that a file imports; `from jxai.core import taps` counts as `jxai.core.taps`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else str(node.module))
    return found


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else "face"


def family(module: str) -> str | None:
    """The folder below the room that a module stands in, if any."""
    parts = module.split(".")
    package = module in MODULES and MODULES[module].name == "__init__.py"
    return parts[2] if len(parts) > 3 or (len(parts) == 3 and package) else None


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_fall(path):
    own = name_of(path)
    here = room(own)
    if here in ("face", "__main__", *EVERYWHERE):
        return
    for module in imported(path):
        top = module.split(".")[0]
        if top != "jxai":
            standard = top in sys.stdlib_module_names
            assert standard or here not in OUTSIDE or top in OUTSIDE[here], f"{here} may not import {module}"
            continue
        assert room(module) in ALLOWED[here] | EVERYWHERE, f"{own} may not import {module}"
        if (here, room(module)) in ONLY:
            assert module in ONLY[here, room(module)], f"{here} may import only {ONLY[here, room(module)]} of it"


@pytest.mark.parametrize("top", FAMILIES)
def test_no_family_imports_another(top):
    allowed = SHARED_FAMILIES.get(top, set())
    crossed = [
        (own, module)
        for own, path in MODULES.items()
        if room(own) == top and family(own)
        for module in imported(path)
        if room(module) == top and family(module) not in (None, family(own), *allowed)
    ]
    assert not crossed


def test_no_circle_of_files():
    arrows = {own: {m for m in imported(path) if m in MODULES and m != own} for own, path in MODULES.items()}
    while free := {own for own, into in arrows.items() if not into & arrows.keys()}:
        arrows = {own: into for own, into in arrows.items() if own not in free}
    assert not arrows, f"a circle among {sorted(arrows)}"


def test_no_folder_is_a_corridor():
    folders = {path.parent for path in FILES}
    assert not {str(f.relative_to(ROOT)): n for f in folders if (n := len(list(f.glob("*.py")))) > 26}


def test_jax_extend_stands_in_one_folder():
    users = {path.parent for path in FILES if any(m.startswith("jax.extend") for m in imported(path))}
    assert users == {ROOT / "jxai" / "core" / "program"}


def test_files_are_rooms_of_one_idea():
    long = {str(p.relative_to(ROOT)): n for p in FILES if (n := len(p.read_text().splitlines())) > 260}
    assert not long


def test_every_module_names_its_public_functions():
    assert not [p for p in FILES if p.name not in ("__init__.py", "__main__.py") and "__all__" not in p.read_text()]


def test_face_imports_jax_and_optax_only():
    code = (
        "import sys, jax, optax; before = set(sys.modules); import jxai; "
        "print(*sorted({m.split('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"jax", "jaxtyping", "jxai", "numpy", "wadler_lindig"}
