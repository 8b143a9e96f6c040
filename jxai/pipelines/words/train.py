"""Training of an explainer in words on what `prepare_words` returns."""

from pathlib import Path
from typing import Any

from jxai.data.spec import DataSpec
from jxai.language.losses import log_likelihood
from jxai.language.sentence_classifier import classification_loss
from jxai.pipelines.progress import ProgressCallback, no_progress
from jxai.pipelines.words.captioners import (
    Sizes,
    captioner_inputs,
    captioner_of,
    features_size,
    objective_of,
    reward_classifier,
)
from jxai.pipelines.words.checkpoint import describe_flex
from jxai.pipelines.words.explainer import SentenceExplainer, sentence_explainer
from jxai.pipelines.words.prepare import Prepared, Split
from jxai.pipelines.words.settings import BEAM, FlexSettings, Method
from jxai.run.outputs import fingerprint
from jxai.train.folder import Trained
from jxai.train.loop import each_step
from jxai.train.sentences import Sentences, train_sentences

__all__ = ["about_of", "train_explainer"]


def train_explainer(
    method: Method,
    prepared: Prepared,
    *,
    folder: Path,
    settings: FlexSettings = FlexSettings(),  # noqa: B008 (frozen)
    classifier: Path | None = None,
    architecture: str | None = None,
    width: int = BEAM,
    progress: ProgressCallback = no_progress,
    data: DataSpec | None = None,
) -> tuple[SentenceExplainer, Trained]:
    """Trains an explainer, or continues or returns what the folder holds.

    Args:
        method: which one; `mme` needs `places=True` in `prepare_words`.
        prepared: of `prepare_words`.
        folder: of the run.
        settings: of the explainer and its training.
        classifier: where the classifier's weights are, for whoever loads the explainer later without them.
        architecture: of a weight file there.
        width: sentences that the beam follows; 1: the likeliest word each time.
        progress: called as `progress(what, done, total)`.
        data: which data set, for whoever loads the explainer later.

    Returns:
        The explainer with the params of the best epoch, and the history.

    Raises:
        ValueError: maps are missing, or the folder holds another run, or one on other data.
    """
    if method == "mme" and prepared.splits["train"].features.map is None:
        raise ValueError("mme looks at places of the feature map: prepare with places=True.")
    about = about_of(method, prepared, settings, classifier, architecture)
    describe_flex(folder, about, prepared.associations, data)
    sizes = Sizes(**about["sizes"])
    captioner = captioner_of(method, sizes, settings, size=about["size"])
    stop = prepared.words.vocabulary.stop
    reader = _reader(prepared, sizes, settings, folder / "sentence-classifier", progress) if method == "gve" else None
    objective = objective_of(method, captioner, settings, stop=stop, reader=reader)
    trained = train_sentences(
        captioner.init,
        objective,
        _sentences(method, prepared.splits["train"]),
        validation=_sentences(method, prepared.splits["val"]),
        likelihood=log_likelihood(captioner),
        identity={"explainer": method, "settings": settings.record, "size": about["size"]},
        folder=folder,
        config=settings.training,
        progress=each_step(progress, f"training {method}"),
    )
    return sentence_explainer(about, prepared.associations, trained.params, prepared.loaded, width=width), trained


def about_of(
    method: Method,
    prepared: Prepared,
    settings: FlexSettings,
    classifier: Path | None = None,
    architecture: str | None = None,
) -> dict[str, Any]:
    """What a checkpoint says of an explainer."""
    loaded, words = prepared.loaded, prepared.words
    channels = prepared.splits["train"].features.plain.shape[1]
    return {
        "method": method,
        "words": list(words.vocabulary.words),
        "stop": words.vocabulary.stop,
        "length": words.length,
        "reading": prepared.reading._asdict(),
        "channels": prepared.layers,
        "sizes": Sizes(len(words.vocabulary.words), channels, loaded.model.classes)._asdict(),
        "size": features_size(method, prepared.splits["train"].features),
        "settings": settings.record,
        "learnt": prepared.trained_classes.tolist(),
        "classes": list(loaded.classes or ()),
        "classifier": {
            "fingerprint": fingerprint(loaded.params),
            "path": None if classifier is None else str(classifier),
            "model": architecture,
        },
    }


def _reader(
    prepared: Prepared, sizes: Sizes, settings: FlexSettings, folder: Path, progress: ProgressCallback
) -> tuple[Any, Any]:
    """GVE's classifier of sentences, trained on people's sentences."""
    reader = reward_classifier(sizes, settings)
    loss = classification_loss(reader)
    trained = train_sentences(
        reader.init,
        loss,
        _labelled(prepared.splits["train"]),
        validation=_labelled(prepared.splits["val"]),
        likelihood=lambda params, image, tokens: -loss(params, image, tokens, None),
        identity={"explainer": "sentence classifier", "settings": settings.record},
        folder=folder,
        config=settings.training,
        progress=each_step(progress, "training sentence classifier"),
    )
    return reader, trained.params


def _sentences(method: Method, split: Split) -> Sentences:
    """What a method learns from; methods that are given a class are given the true one."""
    images = captioner_inputs(method, split.features, split.data.labels)
    if method == "flex":
        images["z"] = split.z
    return Sentences(split.tokens, split.owner, images)


def _labelled(split: Split) -> Sentences:
    return Sentences(split.tokens, split.owner, {"label": split.data.labels})
