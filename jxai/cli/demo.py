"""`jxai demo`: the main job on the embedded default, from nothing to a report."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jxai.cli.demo_report import confusions, gallery, overview
from jxai.cli.job import Outcome, versions, write_outcome
from jxai.cli.progress import progress_bars
from jxai.cli.settings.demo import Demo
from jxai.data.images import ImageSource
from jxai.data.spec import DataSpec, load
from jxai.metrics import pointing_game, relevance_mass
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.classifier import train_classifier
from jxai.pipelines.devices import prepare
from jxai.pipelines.images import Cases, Explained, explain_cases
from jxai.pipelines.measures import measure_cases, measures_table
from jxai.pipelines.methods import methods, require_known
from jxai.pipelines.options import Options
from jxai.pipelines.progress import ProgressCallback
from jxai.pipelines.targets import runner_up
from jxai.report.pages import write_page
from jxai.report.pictures import save_png
from jxai.report.sections import Page
from jxai.run.outputs import save_maps
from jxai.train.config import TrainConfig
from jxai.train.evaluate import Evaluation, evaluate

__all__ = ["run"]

_METHODS = (  # of different kinds, and quick enough for five minutes in all
    "gradient",
    "integrated_gradients",
    "guided_integrated_gradients",
    "idgi",
    "smoothgrad",
    "vargrad",
    "contrast",
    "grad_cam",
    "layer_cam",
    "score_cam",
    "eigen_cam",
    "guided_backprop",
    "lrp",
    "deep_lift",
)


class Demonstration(NamedTuple):
    """What the demo has computed.

    Attributes:
        test: test images.
        evaluation: of the network on them.
        params: of the network.
        cases: the explained images.
        results: by method.
        measured: method -> measure -> values `[n]`.
    """

    test: ImageSource
    evaluation: Evaluation
    params: Any
    cases: Cases
    results: dict[str, Explained]
    measured: dict[str, dict[str, np.ndarray]]


def run(command: Demo) -> None:
    """Make the data, train, explain, measure, and write the report.

    Raises:
        ValueError: an unknown method, or settings that do not fit what the folder holds.
    """
    names = list(command.method or _METHODS)
    require_known(names, methods(), "method")
    prepare(command.devices)
    began = time.perf_counter()
    with progress_bars() as progress:
        demonstration = _demonstrate(command, names, progress)
    seconds = time.perf_counter() - began
    record = write_outcome(
        command.out / "maps", _outcome(demonstration, command.options, seconds), vars(command), overwrite=True
    )
    _write_report(command, demonstration, seconds, record)
    right = f"{demonstration.evaluation.accuracy:.1%} of test images right"
    print(f"{command.out / 'report.html'}: {len(names)} methods, {right}, {seconds:.0f} s")


def _demonstrate(command: Demo, names: list[str], progress: ProgressCallback) -> Demonstration:
    splits = load(DataSpec("birds", options={"species": command.species}), command.size, progress=progress)
    config = TrainConfig(epochs=command.epochs, batch=32, seed=command.options.seed)
    train_classifier("small_cnn", splits, command.size, command.out / "weights", config, progress)
    model, params, _ = load_weights(None, command.out / "weights")
    test = splits.test
    evaluation = evaluate(model.apply, params, test, preprocess=model.preprocess)
    cases = _cases(test, evaluation, max(command.measured, command.images))
    shared: dict[str, Any] = {
        "per_device": 6,
        "progress": progress,
    }  # two cores explain 24 pictures in two full batches
    results = explain_cases(model, params, cases, names, options=command.options, **shared)
    measured = measure_cases(model, params, cases, results, **shared)
    masks = np.stack([test[int(k)].get("masks", np.zeros(0)) > 0 for k in cases.ids])
    for name, result in results.items():
        measured[name] |= _on_the_bird(result, masks)
    return Demonstration(test, evaluation, params, cases, results, measured)


def _cases(test: ImageSource, evaluation: Evaluation, count: int) -> Cases:
    """The first test images, explained for what the model predicts, against the runner-up."""
    places = np.arange(min(count, len(test)))
    images = np.stack([test[int(k)]["image"] for k in places]).astype(np.float32) / 255
    labels = evaluation.predictions[places].astype(np.int32)
    against = [runner_up(evaluation.logits[k], int(labels[k])) for k in places]
    return Cases(images, labels, np.array(against, np.int32), places.astype(np.uint32))


def _on_the_bird(result: Explained, masks: np.ndarray) -> dict[str, np.ndarray]:
    maps, birds = jnp.asarray(result.maps), jnp.asarray(masks)
    return {
        "relevance_mass": np.asarray(jax.vmap(relevance_mass)(maps, birds)),
        "pointing_game": np.asarray(jax.vmap(pointing_game)(maps, birds)),
    }


def _outcome(demonstration: Demonstration, options: Options, seconds: float) -> Outcome:
    """The raw maps, and where they come from."""
    _, _, params, cases, results, _ = demonstration

    def write(folder: Path, record: Mapping[str, Any]) -> None:
        del record
        for name, result in results.items():
            save_maps(folder / f"{name}.npz", {"attributions": result.attributions}, {"ids": cases.ids.tolist()})

    more = {"baseline": options.baseline or "black", "seconds": round(seconds, 1)}
    return Outcome(" ".join(results), params, cases.images, options.seed, write, more=more)


def _write_report(command: Demo, demonstration: Demonstration, seconds: float, record: Mapping[str, Any]) -> None:
    test, evaluation, _, cases, results, measured = demonstration
    baseline = command.options.baseline or "black"
    facts = {
        "Data": f"birds, {len(test.meta.classes)} species at {command.size} px, {len(test)} test images",
        "Model": "small_cnn, trained here",
        "Test accuracy": f"{evaluation.accuracy:.1%}",
        "Explained": f"{command.options.score or 'logit'} of the predicted class; baseline {baseline}",
        "Seed": str(command.options.seed),
        "Device": ", ".join(record["devices"]),
        "Versions": versions(record),
        "Time": f"{seconds:.0f} s in all",
    }
    sections = (
        gallery(command.images, test, evaluation, cases, results),
        measures_table(results, measured, len(cases.labels), shown="bird"),
        confusions(test, evaluation),
    )
    save_png(command.out / "overview.png", overview(command.images, cases, results))
    lead = (
        "A small network was trained to tell drawn birds apart; every method explains its predictions on test images."
    )
    write_page(command.out / "report.html", Page("Explanations of a bird classifier", sections, lead, facts))
