"""Public functions say the shapes of their arrays, and jaxtyping checks them where its import hook is installed."""

import ast

import jax.numpy as jnp
import pytest
from jaxtyping import TypeCheckError

from jxai.core.integrate import Step, riemann
from jxai.signal.maps import channel_sum
from tests.paths import ROOT

FOLDERS = ("core", "explainers", "language", "metrics", "models", "signal")
FILES = [path for folder in FOLDERS for path in sorted((ROOT / "jxai" / folder).rglob("*.py"))]
BARE = {"Array", "ArrayLike", "jax.Array", "jax.typing.ArrayLike", "np.ndarray"}
SHAPED = {"Bool", "Float", "Float32", "Int", "Int32", "Key", "Real", "Shaped"}


def bare(annotation: ast.expr | None) -> bool:
    """Whether it has an array without a shape: `Array`, not `Float[Array, "h w c"]`."""
    if annotation is None or (isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) in SHAPED):
        return False
    return ast.unparse(annotation) in BARE or any(bare(part) for part in ast.iter_child_nodes(annotation))  # type: ignore[arg-type]


def public(tree: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    names = {
        name.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for name in node.value.elts  # type: ignore[attr-defined]
    }
    return [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names]


def annotations(node: ast.FunctionDef | ast.ClassDef) -> dict[str, ast.expr | None]:
    """What stands in a function's signature and those of the functions it makes, or at a class's fields, by name."""
    found: dict[str, ast.expr | None] = {}
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef):
            given = [*part.args.posonlyargs, *part.args.args, *part.args.kwonlyargs]
            found |= {f"{part.name}({one.arg})": one.annotation for one in given}
            found[f"{part.name} ->"] = part.returns
        elif isinstance(part, ast.ClassDef):
            found |= {ast.unparse(one.target): one.annotation for one in part.body if isinstance(one, ast.AnnAssign)}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT / "jxai")))
def test_arrays_have_shapes(path):
    nodes = public(ast.parse(path.read_text()))
    assert not [f"{node.name}: {where}" for node in nodes for where, what in annotations(node).items() if bare(what)]


def test_what_is_bare():
    kinds = {"Array": True, "dict[str, Array]": True, 'Float[Array, "n"]': False, 'Float[Array, ""] | Array': True}
    assert {kind: bare(ast.parse(kind, mode="eval").body) for kind in kinds} == kinds


def test_the_hook_checks_shapes():
    with pytest.raises(TypeCheckError, match="parameter"):
        channel_sum(jnp.zeros((2, 2), int))
    with pytest.raises(TypeCheckError, match="return value"):
        riemann(Step(*jnp.ones((3, 2), int)))
