"""`jxai demo`: the main job on the embedded default, from nothing to a report."""

import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jxai.cli.progress import telling
from jxai.cli.settings.commands import Demo
from jxai.cli.train_classifier import train_birds
from jxai.data.images import ImageSource
from jxai.metrics import pointing_game, relevance_mass
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.devices import prepare
from jxai.pipelines.images import Cases, Explained, explain_cases
from jxai.pipelines.measures import measure_cases, measures_table
from jxai.pipelines.methods import methods, require_known
from jxai.pipelines.splits import bird_splits
from jxai.pipelines.targets import runner_up
from jxai.report.pages import write_page
from jxai.report.pictures import enlarged, overlay, save_png
from jxai.report.sections import Column, Gallery, Item, Page, Picture, Prediction, Table
from jxai.report.sheets import grid
from jxai.run.atomic import new_folder
from jxai.run.outputs import provenance, save_maps, write_json
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
_SHOWN = (
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
)


def run(command: Demo) -> None:
    """Make the data, train, explain, measure, and write the report.

    Raises:
        ValueError: an unknown method, or settings that do not fit what the folder holds.
    """
    names = list(command.method or _METHODS)
    require_known(names, methods(), "method")
    prepare(command.devices)
    began = time.perf_counter()
    with telling() as tell:
        sources = bird_splits(command.species, command.size, tell)
        config = TrainConfig(epochs=command.epochs, batch=32, seed=command.options.seed)
        train_birds("small_cnn", sources, command.size, command.out / "weights", config, tell)
        model, params, _ = load_weights(None, command.out / "weights")
        test = sources["test"]
        judged = evaluate(model.apply, params, test, preprocess=model.preprocess)
        cases = _cases(test, judged, max(command.measured, command.images))
        shared: dict[str, Any] = {"per_device": 6, "tell": tell}  # two cores explain 24 pictures in two full batches
        found = explain_cases(model, params, cases, names, options=command.options, **shared)
        measured = measure_cases(model, params, cases, found, **shared)
    masks = np.stack([test[int(k)].get("masks", np.zeros(0)) > 0 for k in cases.ids])
    for name, result in found.items():
        measured[name] |= _on_the_bird(result, masks)
    seconds = time.perf_counter() - began
    _write(command, test, judged, cases, found, measured, params, seconds)
    right = f"{judged.accuracy:.1%} of test images right"
    print(f"{command.out / 'report.html'}: {len(names)} methods, {right}, {seconds:.0f} s")


def _cases(test: ImageSource, judged: Evaluation, count: int) -> Cases:
    """The first test images, explained for what the model predicts, against the runner-up."""
    places = np.arange(min(count, len(test)))
    images = np.stack([test[int(k)]["image"] for k in places]).astype(np.float32) / 255
    labels = judged.predictions[places].astype(np.int32)
    against = [runner_up(judged.logits[k], int(labels[k])) for k in places]
    return Cases(images, labels, np.array(against, np.int32), places.astype(np.uint32))


def _on_the_bird(result: Explained, masks: np.ndarray) -> dict[str, np.ndarray]:
    maps, birds = jnp.asarray(result.maps), jnp.asarray(masks)
    return {
        "relevance_mass": np.asarray(jax.vmap(relevance_mass)(maps, birds)),
        "pointing_game": np.asarray(jax.vmap(pointing_game)(maps, birds)),
    }


def _write(
    command: Demo,
    test: ImageSource,
    judged: Evaluation,
    cases: Cases,
    found: dict[str, Explained],
    measured: dict[str, dict[str, np.ndarray]],
    params: Any,
    seconds: float,
) -> None:
    record = provenance(
        method=" ".join(found),
        arguments=vars(command),
        params=params,
        data=cases.images,
        seed=command.options.seed,
        baseline=command.options.baseline or "black",
        seconds=round(seconds, 1),
    )
    with new_folder(command.out / "maps", overwrite=True) as folder:
        for name, result in found.items():
            save_maps(folder / f"{name}.npz", {"attributions": result.attributions}, {"ids": cases.ids.tolist()})
        write_json(folder / "provenance.json", record)
    facts = {
        "Data": f"birds, {len(test.meta.classes)} species at {command.size} px, {len(test)} test images",
        "Model": "small_cnn, trained here",
        "Test accuracy": f"{judged.accuracy:.1%}",
        "Explained": f"{command.options.score or 'logit'} of the predicted class; "
        f"baseline {command.options.baseline or 'black'}",
        "Seed": str(command.options.seed),
        "Device": ", ".join(record["devices"]),
        "Versions": ", ".join(f"{package} {number}" for package, number in record["versions"].items()),
        "Time": f"{seconds:.0f} s in all",
    }
    sections = (
        _gallery(command.images, test, judged, cases, found),
        measures_table(found, measured, len(cases.labels), shown="bird"),
        _confusions(test, judged),
    )
    save_png(command.out / "overview.png", _overview(command.images, cases, found))
    lead = (
        "A small network was trained to tell drawn birds apart; every method explains its predictions on test images."
    )
    write_page(command.out / "report.html", Page("Explanations of a bird classifier", sections, lead, facts))


def _gallery(count: int, test: ImageSource, judged: Evaluation, cases: Cases, found: dict[str, Explained]) -> Gallery:
    names = test.meta.classes
    items = []
    for k in range(min(count, len(cases.labels))):
        example, label = test[k], int(cases.labels[k])
        probability = float(np.asarray(jax.nn.softmax(judged.logits[k]))[label])
        shown = enlarged(cases.images[k])
        maps = tuple(Picture(overlay(shown, result.maps[k]), name) for name, result in found.items())
        picture = Picture(shown, f"test image {k}", alt="; ".join(example.get("captions", [])[:1]))
        items.append(Item(picture, names[example["label"]], Prediction(names[label], probability), maps))
    text = "Each map explains the logit of the predicted class; contrast explains it against the runner-up."
    return Gallery("Test images", tuple(items), text)


def _overview(images: int, cases: Cases, found: dict[str, Explained]) -> np.ndarray:
    """One picture of a few images and the most different methods."""
    chosen = [name for name in _SHOWN if name in found] or list(found)[: len(_SHOWN)]
    rows = []
    for k in range(min(images, 4, len(cases.labels))):
        shown = enlarged(cases.images[k])
        rows.append([shown, *(overlay(shown, found[name].maps[k]) for name in chosen)])
    return grid(rows, columns=["image", *(name.replace("_", " ") for name in chosen)])


def _confusions(test: ImageSource, judged: Evaluation) -> Table:
    """The pairs of species that are confused most."""
    names = test.meta.classes
    true = np.array([test[k]["label"] for k in range(len(test))])
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (true, judged.predictions), 1)
    np.fill_diagonal(counts, 0)
    order = [divmod(int(i), len(names)) for i in np.argsort(-counts, axis=None, kind="stable")[:10]]
    rows = {
        f"{names[a]}, taken for {names[b]}": (int(counts[a, b]), int((true == a).sum()))
        for a, b in order
        if counts[a, b]
    }
    columns = (Column("images", digits=0), Column("of", digits=0, text="Test images of the species."))
    return Table("Confusions", columns, rows, text="The mistakes that are made most often.", heading="Species")
