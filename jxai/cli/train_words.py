"""`jxai train words`: an explainer in words for a trained classifier of images."""

import numpy as np

from jxai.cli.progress import progress_bars
from jxai.cli.settings.train_words import TrainWords
from jxai.data.spec import Splits, load
from jxai.data.table import names_of
from jxai.language.tagging import read_variants
from jxai.metrics.sentences.captions import bleu4, caption_tokens
from jxai.pipelines.checkpoints import Loaded
from jxai.pipelines.devices import prepare
from jxai.pipelines.progress import ProgressCallback
from jxai.pipelines.run_data import named_data, splits_of_run
from jxai.pipelines.targets import target_class
from jxai.pipelines.words.checkpoint import require_same
from jxai.pipelines.words.classifier import classifier_of
from jxai.pipelines.words.explainer import Sentence, SentenceExplainer, describe_images
from jxai.pipelines.words.layers import reading_of
from jxai.pipelines.words.prepare import Prepared, Split, prepare_words
from jxai.pipelines.words.train import train_explainer

__all__ = ["run", "sample_sentences", "splits_of"]


def run(command: TrainWords) -> None:
    """Train, and print BLEU-4 on validation and test pictures and some sentences.

    Raises:
        ValueError: an unknown data set, layer or class, data without captions, or settings that do not fit the
            folder's earlier run.
    """
    prepare(command.devices)
    with progress_bars() as progress:
        classifier, splits = classifier_of(
            command.weights,
            command.model,
            lambda loaded: splits_of(command, loaded, progress),
            command.out,
            keep_head=command.keep_head,
            progress=progress,
        )
        prepared = _prepared(command, classifier.loaded, splits, progress)
        speaker, trained = train_explainer(
            command.method,
            prepared,
            folder=command.out,
            settings=command.settings,
            classifier=classifier.path,
            architecture=classifier.name,
            data=splits.spec,
            progress=progress,
        )
        sentences = {
            name: describe_images(speaker, prepared.splits[name].data.images, per_device=command.per_device)
            for name in ("val", "test")
        }
    for name, count in prepared.left_out.items():
        print(f"{name}: {count} pictures without captions were left out")
    scores = {name: bleu(generated, prepared.splits[name]) for name, generated in sentences.items()}
    print(
        f"{command.out}: {command.method}, best epoch {trained.epoch} of {command.settings.epochs}, BLEU-4 "
        f"{scores['val']:.1f} on validation and {scores['test']:.1f} on test pictures"
    )
    for line in sample_sentences(sentences["test"], prepared.splits["test"], speaker, command.samples):
        print(line)


def splits_of(command: TrainWords, loaded: Loaded, progress: ProgressCallback) -> Splits:
    """The data that the classifier was trained on, or that the command names.

    Raises:
        ValueError: nobody said which, or they are other classes, or the set has no captions.
    """
    size, named = loaded.model.size, {"name": command.data, "source": command.source}
    if loaded.classes is not None:
        return splits_of_run(command.weights, loaded.classes, size, **named, progress=progress)
    if command.data is None:
        captioned = ", ".join(names_of(captions=True))
        raise ValueError(f"a weight file does not say what it was trained on; name --data, of {captioned}.")
    return load(named_data(command.data, command.source, species=command.species), size, progress=progress)


def _prepared(command: TrainWords, loaded: Loaded, splits: Splits, progress: ProgressCallback) -> Prepared:
    """What the explainer learns from; whatever can be refused is, before the pictures are read."""
    variant = "paper" if command.as_printed else "released"
    reading = reading_of(loaded, layers=command.layers, at=command.at, eta=command.eta, k=command.k, variant=variant)
    without = _without(command, loaded)
    about = {"method": command.method, "settings": command.settings.record, "reading": reading._asdict()}
    require_same(command.out, about)
    return prepare_words(
        loaded,
        splits.sources,
        reading,
        least=command.settings.least,
        captions=command.settings.captions,
        variants=None if command.variants is None else read_variants(command.variants),
        without=without,
        places=command.method == "mme",
        per_device=command.per_device,
        progress=progress,
    )


def _without(command: TrainWords, loaded: Loaded) -> list[int]:
    """The outputs of the classes that are held out."""
    if "top" in command.without:
        raise ValueError("--without: name classes by their names or numbers, as for all pictures alike.")
    offset, names = loaded.model.label_offset, list(loaded.classes or ())
    outputs = [f"background {k}" for k in range(offset)] + names
    return sorted({target_class(name, outputs, np.zeros(len(outputs)), offset) for name in command.without})


def bleu(sentences: list[Sentence], split: Split) -> float:
    """BLEU-4 of sentences, in percent, against all captions of each picture."""
    generated = [sentence.sentence for sentence in sentences]
    return float(bleu4(generated, split.data.captions, tokenise=lambda text: caption_tokens(text) or ["<nothing>"]))


def sample_sentences(sentences: list[Sentence], split: Split, speaker: SentenceExplainer, count: int) -> list[str]:
    """Sentences about pictures taken evenly from a split; where the classifier is wrong, it is said what it is."""
    places = np.unique(np.linspace(0, len(sentences) - 1, count).astype(int)) if count else []
    lines = []
    for place in places:
        truth = int(split.data.labels[place])
        wrong = "" if sentences[place].label == truth else f"  [it is {speaker.classes[truth]}]"
        lines.append(f"  test {split.data.places[place]}: {sentences[place].because}{wrong}")
    return lines
