"""All tables of `experiments.flex` for a set, with the explainers of one seed."""

import dataclasses
import pathlib
from functools import cached_property
from typing import Any

from experiments.experiment.paths import data_folder
from experiments.flex.config import Config
from experiments.flex.data import Set
from experiments.flex.explainers import (
    PARTS_ONLY,
    Trained,
    class_sentences,
    decision_sentences,
    sampled_sentences,
    trained_explainer,
)
from experiments.flex.features import annotation, evidence, insight, masked
from experiments.flex.measures import Facts, about_set, changes, decision_relevance, examples, facts_of, qualities
from experiments.flex.networks import Network
from experiments.flex.prepared import Read, prepared, read_set
from jxai.language.tagging import read_variants
from jxai.pipelines.words.layers import Reading
from jxai.pipelines.words.prepare import Prepared
from jxai.pipelines.words.settings import FlexSettings

__all__ = ["LAMBDAS", "measure"]

LAMBDAS = (1.0, 0.1, 0.01, 0.001, 0.0001, 0.0)
HELD_OUT_CLASSES = {"cub": ("142.Black_Tern", "047.American_Goldfinch")}  # of other sets one after each third
HELD_OUT_METHODS = ("FLEX", "GVE", "MME")
HELD_OUT_QUALITIES = (
    "drel", "drel by chance", "drel sampled", "drel sampled, by chance", "drel of facts", "true", "BLEU-4",
)  # fmt: skip


def measure(net: Network, data: Set, config: Config, folder: pathlib.Path, seed: int, progress: Any) -> dict[str, Any]:
    """All tables of a set, with the explainers of one seed.

    Args:
        net: the classifier.
        data: the set.
        config: what is measured.
        folder: of the explainers.
        seed: of their training.
        progress: called with what is done, how many steps of it, and how many there are.

    Returns:
        `about`, the set in numbers; `tables`, by title, row and quality `[n]` or one number; `sentences` of the first
        images.
    """
    tables = Tables(net, data, config, folder, seed, progress)
    about = about_set(net, tables.shared, tables.facts, data)
    return {"about": about, "tables": tables.all(), "sentences": examples(tables.sentences, tables.facts, data)}


@dataclasses.dataclass(frozen=True)
class Tables:
    """The tables of a set; the arguments are those of `measure`."""

    net: Network
    data: Set
    config: Config
    folder: pathlib.Path
    seed: int
    progress: Any

    def all(self) -> dict[str, dict[str, Any]]:
        """Every requested table, by title."""
        chosen = self.config.tables
        tables = {"lambda": self.over_lambda()} if "lambda" in chosen else {}
        tables["methods"] = self.methods()
        flex = {name: self.prepared[name] for name in ("FLEX", PARTS_ONLY) if name in self.prepared}
        tables["evidence"] = evidence(flex, self.facts, self.seed)
        if "held out" in chosen:
            tables["held out"] = self.held_out()
        if "insight" in chosen:
            tables["insight"] = insight(self.shared, self.sentences, self.facts, self.data)
        if "annotation" in chosen and self.data.kind == "points":
            tables["annotation"] = self.annotation()
        if "masking" in chosen:
            most = self.config.masked
            tables |= masked(self.prepared, self.net, self.sentences, self.facts, self.seed, most)
        if "other class" in chosen:
            tables["other class"] = self.other_class()
        return tables

    @cached_property
    def reading(self) -> Reading:
        """What is read of a decision."""
        variant: Any = self.config.variant
        return Reading(self.net.layers, self.net.model.features, k=self.config.k, variant=variant)

    @cached_property
    def read(self) -> Read:
        """The decisions on all images with sentences, by split."""
        folder = self.folder.parent / "read" / self.data.name
        return read_set(self.net, self.data, self.reading, folder, self.progress)

    @cached_property
    def variants(self) -> Any:
        """CUB's table of other forms of words, where it exists."""
        table = (self.config.cub or data_folder() / "cub") / "lemma.txt"
        return read_variants(table) if self.data.name.startswith("cub") and table.is_file() else {}

    @cached_property
    def shared(self) -> Prepared:
        """The training data of all methods but `PARTS_ONLY`."""
        return self._prepare()

    @cached_property
    def prepared(self) -> dict[str, Prepared]:
        """The training data of each method."""
        prepared = dict.fromkeys(self.config.methods, self.shared)
        return prepared | {name: self._prepare(parts_only=True) for name in prepared if name == PARTS_ONLY}

    @cached_property
    def facts(self) -> Facts:
        """Annotations and decisions of the test images."""
        return facts_of(self.net, self.data, self.data.captioned["test"], self.variants)

    @cached_property
    def explainers(self) -> dict[str, Trained]:
        """The trained explainer of each method."""
        settings = self._settings()
        return {name: self._trained(ready, name, self.folder, settings) for name, ready in self.prepared.items()}

    @cached_property
    def sentences(self) -> dict[str, list[str]]:
        """The sentences of each method on the decisions of the classifier."""
        features = self.shared.splits["test"].features
        return {name: decision_sentences(each, features) for name, each in self.explainers.items()}

    def methods(self) -> dict[str, dict[str, Any]]:
        """Tables 2 to 4."""
        features = self.shared.splits["test"].features
        table = {}
        for name, each in self.explainers.items():
            sampled = sampled_sentences(each, features, self.seed)
            table[name] = qualities(self.sentences[name], self.facts, self.data, sampled) | {"seconds": each.seconds}
        return table

    def over_lambda(self) -> dict[str, dict[str, Any]]:
        """Table 1; the two explainers that Table 2 has are not trained again."""
        ready, trained = self.shared, {"FLEX": self.config.relevance, "without relevance vector": 0.0}
        existing = {weight: self.explainers[name] for name, weight in trained.items() if name in self.explainers}
        features, table = ready.splits["test"].features, {}
        for weight in LAMBDAS:
            settings = self._settings(relevance=weight)
            each = existing[weight] if weight in existing else self._trained(ready, "FLEX", self.folder, settings)
            sentences, sampled = decision_sentences(each, features), sampled_sentences(each, features, self.seed)
            table[f"{weight:.4f}".rstrip("0").rstrip(".")] = decision_relevance(sentences, self.facts, sampled)
        return table

    def held_out(self) -> dict[str, dict[str, Any]]:
        """Table 5: two classes that the explainers do not learn from, and are tested on."""
        names, data = self.data.classes, self.data
        named = [names.index(name) for name in HELD_OUT_CLASSES.get(data.name, ()) if name in names]
        classes = tuple(named) if len(named) == 2 else (len(names) // 3, 2 * len(names) // 3)
        rows = [row for row in data.captioned["test"] if row["label"] in classes]
        if not rows or not any(row["label"] not in classes for row in data.captioned["val"]):
            return {}
        ready, facts = self._prepare(without=classes), facts_of(self.net, data, rows, self.variants)
        features, folder, table = ready.splits["test"].features, self.folder / f"without {classes}", {}
        for name in (name for name in HELD_OUT_METHODS if name in self.config.methods):
            each = self._trained(ready, name, folder, self._settings())
            sampled = sampled_sentences(each, features, self.seed)
            measured = qualities(decision_sentences(each, features), facts, data, sampled)
            table[name] = {quality: measured[quality] for quality in HELD_OUT_QUALITIES if quality in measured}
        return table

    def annotation(self) -> dict[str, dict[str, Any]]:
        """Parts annotated by the words of features."""
        table = annotation(self.shared, self.net, self.facts, self.data)
        if PARTS_ONLY in self.prepared:
            rows = annotation(self.prepared[PARTS_ONLY], self.net, self.facts, self.data)
            table |= {f"{row}, words of things": values for row, values in rows.items()}
        return table

    def other_class(self) -> dict[str, dict[str, Any]]:
        """How sentences change when the classifier's second choice is explained."""
        table = {}
        for name, each in self.explainers.items():
            others = class_sentences(each, self.facts.images, self.facts.second)
            table[name] = changes(self.sentences[name], others)
        return table

    def _prepare(self, **options: Any) -> Prepared:
        options |= {"captions": self.config.captions, "variants": self.variants}
        return prepared(self.read, self.net, self.data, self.reading, **options)

    def _trained(self, ready: Prepared, name: str, folder: pathlib.Path, settings: FlexSettings) -> Trained:
        return trained_explainer(ready, name, folder, settings, self.progress)

    def _settings(self, **own: Any) -> FlexSettings:
        config = self.config
        shared = {"epochs": config.epochs, "captions": config.captions, "relevance": config.relevance}
        hidden = {} if config.hidden is None else {"hidden": config.hidden}
        return FlexSettings(**{**shared, "seed": self.seed, **hidden, **own})
