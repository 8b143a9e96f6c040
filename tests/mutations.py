"""Do the tests see a wrong sign or constant? `python -m tests.mutations [--only PATTERN]` changes one at a time.

Each mutant is a copy of the package with one change, on which a few tests run; it dies where they fail. What survives
is printed, and is the exit status. Nothing in the checkout changes. Takes about ten seconds a mutant; no part of the
suite.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = "tests/test_references.py::test_method_equals_its_reference"
TIMEOUT = 600  # seconds; a mutant that hangs has been noticed


class Mutant(NamedTuple):
    """One change: the text in a file of the package, unique there, what stands in its place, and what must notice."""

    file: str
    old: str
    new: str
    tests: str  # the name of a method, for its reference; or a test's path

    @property
    def name(self) -> str:
        return f"{self.file}: {self.old} -> {self.new}"

    @property
    def selected(self) -> str:
        return self.tests if "/" in self.tests else f"{REFERENCE}[{self.tests}]"


PLATEAU = "tests/core/test_solve.py::test_the_stop_rule_equals_a_python_loop"
SCORES = "tests/core/test_scores.py::test_scores_of_a_class"
STOPS = "tests/explainers/masks/test_stops.py"
LABELS = "tests/core/test_labels.py"
SILENCE = "tests/test_says_nothing.py"
PASSAGES = "tests/explainers/masks/test_marc_passages.py"
NAN = "tests/metrics/test_not_a_number.py"
HARDNESS = "tests/train/test_hardness.py::test_a_right_example_has_at_least_55_percent_and_a_wrong_one_its_own"
CHANGES = {  # of a file: what stands there once, what is put in its place, and the tests that must notice
    "explainers/cams.py": [
        ("2 * g**2 + total * g**3", "2 * g**2 - total * g**3", "grad_cam_pp"),
        ("phi.sum() < 0", "phi.sum() > 0", "eigen_cam"),
    ],
    "explainers/gradients.py": [
        ("a - b, one, other", "a + b, one, other", "contrast"),
    ],
    "explainers/smoothing.py": [
        ("(x.max() - x.min())", "(x.max() + x.min())", "smoothgrad"),
    ],
    "explainers/paths/integrated_gradients.py": [
        ("return (x - b) * gradients", "return (x + b) * gradients", "integrated_gradients"),
        ("sigma * (1 - t)", "sigma * (1 + t)", "blur_integrated_gradients"),
    ],
    "explainers/paths/guided.py": [
        ("jnp.maximum(along - distance, 0)", "jnp.minimum(along - distance, 0)", "guided_integrated_gradients"),
    ],
    "explainers/occlusion.py": [
        ("mask &= (from_start >= 0)", "mask &= (from_start > 0)", "occlusion"),
    ],
    "explainers/coalitions/sampling.py": [
        ("sizes * (n - sizes)", "sizes * (n + sizes)", "kernel_shap"),
        ("(1 - jnp.sqrt(coalition.mean())) ** 2", "(1 - coalition.mean()) ** 2", "lime"),
    ],
    "explainers/coalitions/shapley.py": [
        ("factorial(s - 1) * factorial(n - s)", "factorial(s) * factorial(n - s)", "shapley_exact"),
        ("variance / (draws - 1)", "variance / draws", "shapley_estimate"),
    ],
    "explainers/coalitions/owen.py": [
        ("1 / (n * comb(n - 1, s))", "1 / (n * comb(n, s))", "owen_exact"),
    ],
    "explainers/masks/extremal_perturbation.py": [
        ("_TIE = 1e-3", "_TIE = 1.0", "extremal_perturbation"),
        ("rank + 1 - (1 - area)", "rank - (1 - area)", "extremal_perturbation"),
    ],
    "explainers/masks/meaningful_perturbation.py": [
        ("_DESTROYED = 0.01", "_DESTROYED = 0.3", "meaningful_perturbation"),
    ],
    "explainers/masks/objective.py": [
        ("is_rationale, logs, -logs)", "is_rationale, logs, logs)", "marc"),
    ],
    "explainers/masks/stops.py": [
        ("change < 1 / 80", "change < 1 / 60", STOPS),
        ("(now < low)", "(now <= low + 0.05)", STOPS),
    ],
    "explainers/masks/text_mask.py": [
        ("tokens.max() - tokens", "tokens - tokens", PASSAGES),
    ],
    "explainers/regions/regional_multiscale.py": [
        ("/ jnp.sqrt(size)", "/ size", "regional_multiscale"),
    ],
    "metrics/calibration/calibration.py": [
        (
            "jnp.ceil(confidence * bins).astype(int) - 1",
            "jnp.floor(confidence * bins).astype(int)",
            "calibration_error",
        ),
    ],
    "metrics/calibration/risk_coverage.py": [
        ("(place + 1 - fewest)", "(place - fewest)", "risk_coverage"),
    ],
    "metrics/ambiguity/ambiguity.py": [
        ("frequencies > least if paper", "frequencies >= least if paper", "object_ambiguity"),
        ("strengths >= weakest", "strengths > weakest", "select_insecurities"),
    ],
    "metrics/ambiguity/crop.py": [
        ("dtype=float) + 0.5", "dtype=float) + 0.0", "place_masks"),
    ],
    "metrics/ambiguity/coverage_curves.py": [
        ("sizes[:, None] + areas[None] - overlap", "sizes[:, None] + areas[None]", "mask_iou"),
    ],
    "metrics/faithfulness/deletion.py": [
        ("(values[1:] + values[:-1]) / 2", "(values[1:] + values[1:]) / 2", "deletion"),
    ],
    "metrics/faithfulness/eraser.py": [
        ("0.1, 0.2, 0.5)", "0.1, 0.2, 0.6)", "sufficiency_aopc"),
    ],
    "metrics/localisation.py": [
        ("rank(attribution) < places", "rank(attribution) <= places", "relevance_rank"),
        ("jnp.isnan(attribution).any() |", "jnp.isnan(attribution).all() |", NAN),
    ],
    "metrics/plausibility/agreement.py": [
        ("overlap >= threshold) &", "overlap > threshold) &", "iou_f1"),
    ],
    "metrics/plausibility/precision_recall.py": [
        ("gain * (precision + before) / 2", "gain * (precision + precision) / 2", "area_under_precision_recall"),
    ],
    "metrics/plausibility/binarise.py": [
        ("scores > above", "scores >= above + 0.1", "leave_one_out"),
    ],
    "metrics/sentences/part_annotation.py": [
        ("away <= reach**2", "away <= reach", "annotated_near_points"),
    ],
    "metrics/sentences/insight.py": [
        ("described.astype(dtype) > least", "described.astype(dtype) >= least", "class_terms"),
    ],
    "core/chunks.py": [
        ("(wide - mean[None]) ** 2", "(wide + mean[None]) ** 2", "vargrad"),
    ],
    "core/integrate.py": [
        ("(np.arange(steps) + 0.5)", "(np.arange(steps) + 0.0)", "integrated_gradients"),
    ],
    "core/solve.py": [
        ("loss < best - tolerance", "loss < best + tolerance", PLATEAU),
        ("idle >= patience", "idle > patience", PLATEAU),
        ("_unless(before, now, kept)", "_unless(before, now, now)", PASSAGES),
    ],
    "core/scores/of_class.py": [
        ("(1 - softmax) * jax.nn.sigmoid", "(1 + softmax) * jax.nn.sigmoid", SCORES),
    ],
    "core/labels.py": [
        ("(labels < classes)", "(labels <= classes)", LABELS),
        ("values * jnp.where(inside", "jnp.where(inside", LABELS),
    ],
    "core/evaluate.py": [
        ("any(value._trace is trace for trace in traces)", "True", SILENCE),
    ],
    "rules/linear.py": [
        ("relevance * inverse(output + value * total)", "relevance * inverse(output - value * total)", "gamma"),
        ("alpha * shares(+1) - beta * shares(-1)", "alpha * shares(+1) + beta * shares(-1)", "alpha_beta"),
    ],
    "train/hardness_losses.py": [
        ("jnp.maximum(probability, 0.55)", "jnp.maximum(probability, 0.5)", HARDNESS),
    ],
}
MUTANTS = [Mutant(file, *change) for file, changes in CHANGES.items() for change in changes]


def run(tree: Path, tests: list[str]) -> int:
    """The status of the tests in a tree."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-x", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return 1
    if done.returncode not in (0, 1):
        raise SystemExit(f"the tests {tests} did not run:\n{done.stdout}{done.stderr}")
    return done.returncode


def survives(mutant: Mutant, tree: Path) -> bool:
    """Whether the tests pass on the changed package; the file is put back."""
    file = tree / "jxai" / mutant.file
    source = file.read_text()
    if source.count(mutant.old) != 1:
        raise SystemExit(f"{mutant.name}: the text stands {source.count(mutant.old)} times in the file.")
    file.write_text(source.replace(mutant.old, mutant.new))
    try:
        return run(tree, [mutant.selected]) == 0
    finally:
        file.write_text(source)


def main() -> int:
    """Runs the mutants and returns how many survive."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", metavar="PATTERN", help="regular expression of files and changes")
    pattern = parser.parse_args().only
    mutants = [mutant for mutant in MUTANTS if re.search(pattern, mutant.name)]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for part in ("jxai", "tests"):
            shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", tree)
        if run(tree, sorted({mutant.selected for mutant in mutants})):
            raise SystemExit("the tests fail before anything is changed: mend them first.")
        survivors = [mutant for mutant in mutants if reported(mutant, tree)]
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} mutants die", *(m.name for m in survivors), sep="\n")
    return len(survivors)


def reported(mutant: Mutant, tree: Path) -> bool:
    """Whether it survives, with a line on the screen."""
    start = time.perf_counter()
    alive = survives(mutant, tree)
    print(f"{'SURVIVES' if alive else 'dies':8} {time.perf_counter() - start:5.0f} s  {mutant.name}", flush=True)
    return alive


if __name__ == "__main__":
    sys.exit(main())
