"""`jxai explain`: a user's own photographs and weights."""

from pathlib import Path
from typing import Any

import jax
import numpy as np

from jxai.cli import deliberate, text
from jxai.cli import describe as flex
from jxai.cli.deliberate import refuse_settings
from jxai.cli.explain_text import as_text
from jxai.cli.progress import telling
from jxai.cli.settings.commands import Explain
from jxai.data.photos import fit, read_photo
from jxai.models import MODELS, Model
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.devices import prepare
from jxai.pipelines.images import Cases, Explained, explain_cases, logits_of
from jxai.pipelines.marc import background_names
from jxai.pipelines.measures import USUAL, measure_cases, measures_table, require_measures
from jxai.pipelines.methods import methods, require_known, score_name
from jxai.pipelines.rationales import Judged, judge
from jxai.pipelines.targets import class_names, runner_up, target_class
from jxai.report.pages import write_page
from jxai.report.pictures import enlarged, overlay, save_png
from jxai.report.sections import Group, Page, Photograph, Picture, Prediction
from jxai.run.atomic import new_folder
from jxai.run.outputs import provenance, save_maps, write_json

__all__ = ["run"]


def run(command: Explain) -> None:
    """Explain the photographs; nothing is written unless all of it succeeds.

    Raises:
        ValueError: whatever of the command cannot be done, in one sentence.
    """
    if command.in_words.flex:
        flex.run(command)
        return
    flex.refuse_in_words(command)
    if command.deliberate:
        deliberate.run(command)
        return
    refuse_settings(command)
    if command.text:
        text.run(as_text(command))
        return
    if not command.photos:
        raise ValueError("expected at least one photograph: jxai explain PHOTO... --weights FILE.")
    require_known(command.method, methods(), "method")
    require_measures(command.measure or (), command.method)
    require_known([command.model] if command.model else [], MODELS, "model")
    if command.out.exists() and not command.overwrite:
        raise ValueError(f"{command.out} exists; name another folder by --out, or replace it by --overwrite.")
    weights, pictures = command.own_weights, [read_photo(path) for path in command.photos]
    prepare(command.devices)
    model, params, classes = load_weights(command.model, weights)
    scored, absent = _scores(command, model), _absent(command, model)
    names = classes if classes and not command.labels else class_names(command.labels, model)
    images = np.stack([fit(p, model.size, crop=command.crop or model.crop, resample=model.resample) for p in pictures])
    logits = logits_of(model, params, images)
    cases, photo_of = _cases(command, images, logits, names, model)
    with telling() as tell:
        shared = {"per_device": command.per_device, "tell": tell}
        found = explain_cases(model, params, cases, command.method, options=command.options, **shared)
        judged = _judged(command, model, params, cases, found)
        chosen = {"names": command.measure or USUAL, "options": command.options}
        measured = {} if command.measure is None else measure_cases(model, params, cases, found, **chosen, **shared)
    record = provenance(
        method=" ".join(command.method),
        arguments={**_given(command), "scored": scored},
        params=params,
        data=images,
        seed=command.options.seed,
        baseline=absent,
    )
    with new_folder(command.out, overwrite=command.overwrite) as folder:
        _write(folder, command, cases, photo_of, found, judged, names, model)
        write_json(folder / "provenance.json", record)
        sections: list[Any] = [
            _section(k, command, images, logits, cases, photo_of, found, judged, names, model)
            for k in range(len(command.photos))
        ]
        sections += [measures_table(found, measured, len(cases.labels))] if measured else []
        facts = {"Model": f"{command.model or ''} {weights.name}".strip(), "Score": scored}
        versions = ", ".join(f"{package} {number}" for package, number in record["versions"].items())
        facts |= {"Baseline": absent, "Versions": versions}
        write_page(folder / "report.html", Page("Explanations", tuple(sections), facts=facts))
    print(f"{command.out / 'report.html'}: {len(cases.labels)} explanations by {len(command.method)} methods")


def _cases(
    command: Explain, images: np.ndarray, logits: np.ndarray, names: list[str], model: Model
) -> tuple[Cases, np.ndarray]:
    """Every photograph with every target, and the photograph of each; the same class twice counts once."""
    pairs = []
    for photo, scores in enumerate(logits):
        found = [target_class(target, names, scores, model.label_offset) for target in command.target]
        pairs += [(photo, label) for label in dict.fromkeys(found)]
    photos, labels = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
    against = [
        target_class(command.against, names, logits[photo], model.label_offset)
        if command.against
        else runner_up(logits[photo], label)
        for photo, label in pairs
    ]
    ids = photos.astype(np.uint32)  # the same noise for all classes of a photograph
    return Cases(images[photos], labels, np.array(against, np.int32), ids), photos


def _judged(command: Explain, model: Model, params: Any, cases: Cases, found: dict[str, Explained]) -> Judged | None:
    """What marc's masks show and leave; the other methods' maps are no masks."""
    if "marc" not in found:
        return None
    given: dict[str, Any] = {"options": command.options, "per_device": command.per_device}
    return judge(model, params, cases, found["marc"].maps, **given)


def _given(command: Explain) -> dict[str, Any]:
    """What was asked for, but for what insecurities alone have."""
    return {
        name: value for name, value in vars(command).items() if name not in ("deliberate", "deliberation", "in_words")
    }


def _scores(command: Explain, model: Model) -> str:
    """The score, or each method's own where they differ."""
    scores = {name: score_name(name, model, command.options) for name in command.method}
    if len(set(scores.values())) == 1:
        return scores[command.method[0]]
    return ", ".join(f"{name}: {score}" for name, score in scores.items())


def _absent(command: Explain, model: Model) -> str:
    """What stands for absence; marc has backgrounds of its own where none is named."""
    baseline = command.options.baseline or "black"
    own = background_names(model, command.options)
    return f"{baseline}; marc: {', '.join(own)}" if "marc" in command.method and own != (baseline,) else baseline


def _stem(command: Explain, photo: int) -> str:
    stems = [path.stem for path in command.photos]
    return stems[photo] if stems.count(stems[photo]) == 1 else f"{photo:02d}_{stems[photo]}"


def _short(name: str) -> str:
    return name.split(",")[0]


def _write(
    folder: Path,
    command: Explain,
    cases: Cases,
    photo_of: np.ndarray,
    found: dict[str, Explained],
    judged: Judged | None,
    names: list[str],
    model: Model,
) -> None:
    """The overlays, one file each, and the raw attributions, one file a photograph."""
    for photo in range(len(command.photos)):
        stem, raw = _stem(command, photo), {}
        for case in map(int, np.flatnonzero(photo_of == photo)):
            label = int(cases.labels[case])
            kind = f"{label - model.label_offset}_{_short(names[label]).replace(' ', '_').replace('/', '_')}"
            for method, result in found.items():
                raw[f"{label - model.label_offset}/{method}"] = result.attributions[case]
                picture = overlay(enlarged(cases.images[case]), result.maps[case])
                save_png(folder / f"{stem}_{kind}_{method}.png", picture)
            if judged:
                raw[f"{label - model.label_offset}/marc/probabilities"] = judged.probabilities[case]
                for part, picture in judged.pictures(case).items():
                    save_png(folder / f"{stem}_{kind}_marc_{part}.png", picture.image)
        about = {"photo": str(command.photos[photo]), "keys": "class/method", "score": _scores(command, model)}
        save_maps(folder / f"{stem}.npz", raw, about)


def _section(
    photo: int,
    command: Explain,
    images: np.ndarray,
    logits: np.ndarray,
    cases: Cases,
    photo_of: np.ndarray,
    found: dict[str, Explained],
    judged: Judged | None,
    names: list[str],
    model: Model,
) -> Photograph:
    probabilities = np.asarray(jax.nn.softmax(logits[photo]))
    top = tuple(Prediction(_short(names[k]), float(probabilities[k])) for k in np.argsort(-probabilities)[:5])
    groups = []
    for case in map(int, np.flatnonzero(photo_of == photo)):
        label = int(cases.labels[case])
        maps = tuple(
            Picture(overlay(enlarged(images[photo]), result.maps[case]), method, detail=f"{result.seconds:.2f} s")
            for method, result in found.items()
        )
        text = f"Probability {probabilities[label]:.1%}."
        if judged:
            maps += tuple(judged.pictures(case).values())
            text += f" {judged.text(case)}"
        if "contrast" in found:
            text += f" Contrast: against {_short(names[int(cases.against[case])])}."
        groups.append(Group(f"Class {label - model.label_offset}: {_short(names[label])}", maps, text))
    picture = Picture(enlarged(images[photo]), command.photos[photo].name, alt="the photograph as the model sees it")
    return Photograph(command.photos[photo].name, picture, top, tuple(groups))
