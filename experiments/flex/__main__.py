"""Tables 1 to 5 of FLEX, the percentages in its text, and whether what a sentence names carries the decision.

    python -m experiments.flex                      # birds, one seed, short training, Tables 2 to 4 and the text
    python -m experiments.flex --tables methods lambda "held out" --seeds 3       # Tables 1 to 5
    python -m experiments.flex --epochs 12 --called "trained longer" --keep       # beside what was measured before
    python -m experiments.flex --sets birds scenes cub "cub whole"          # CUB from $JXAI_DATA
    python -m experiments.flex --sets cub mpii --cub CUB_200_2011 --mpii MPII     # a user's own folders
    python -m experiments.flex --full                       # all sets that are there, three seeds, all pictures

Explainers: FLEX, FLEX without the relevance vector, a description of unweighted features, GVE, MME; all learn from the
features of one classifier. Classifiers and explainers are trained into the cache folder, once; a run that was
interrupted goes on.
"""

import dataclasses
import pathlib
import time
from typing import Any

import tyro

from experiments.benchmarks.networks import data_folder
from experiments.benchmarks.timing import asked, machine
from experiments.flex.data import SETS, Set, Sources, limited, load_set, present
from experiments.flex.explainers import METHODS, THINGS, Explainer, explainer, said_of_class, said_of_decision, sampled
from experiments.flex.features import annotation, evidence, insight, masked
from experiments.flex.measures import Facts, about_of, changes, decision_relevance, facts_of, qualities, shown
from experiments.flex.networks import Network, network
from experiments.flex.page import write_results
from experiments.flex.prepared import prepared, read_set
from experiments.runs import require_known, run_of
from jxai.cli.progress import telling
from jxai.data.cache import cache_folder
from jxai.language.tagging import read_variants
from jxai.pipelines.devices import prepare
from jxai.pipelines.words.layers import Reading
from jxai.pipelines.words.settings import FlexSettings

__all__ = ["Config", "main", "measure"]

LAMBDAS = (1.0, 0.1, 0.01, 0.001, 0.0001, 0.0)
TABLES = ("methods", "insight", "annotation", "masking", "other class")
LONG = (*TABLES, "lambda", "held out")  # those that train more explainers
UNSEEN = ("FLEX", "GVE", "MME")
KEPT = ("drel", "drel by chance", "drel sampled", "drel sampled, by chance", "drel of facts", "true", "BLEU-4")
HELD_OUT = {"cub": ("142.Black_Tern", "047.American_Goldfinch")}  # of other sets one after each third
FULL: dict[str, Any] = {"sets": tuple(SETS), "tables": LONG, "seeds": 3, "epochs": 12}
FULL |= dict.fromkeys(("train", "val", "test"), 100_000)


@dataclasses.dataclass(frozen=True)
class Config:
    """What is compared.

    Attributes:
        sets: of birds, scenes, cub, "cub whole" and mpii; those that are not there are left out.
        cub: folder of CUB-200-2011, or its packed pictures; by default `$JXAI_DATA`'s.
        mpii: folder of MPII Human Pose with explanations.
        tables: what is measured; "lambda" and "held out" train more explainers.
        methods: of `METHODS`; FLEX among them.
        seeds: of the explainers' training; mean and standard error over them.
        train: captioned training pictures, at most.
        val: captioned validation pictures, at most.
        test: captioned test pictures, at most.
        captions: sentences of a picture that are learnt from, at most.
        masked: test pictures of the masking experiment, at most.
        epochs: of an explainer.
        relevance: FLEX's lambda where it does not vary.
        variant: of FLEX: released or paper.
        k: channels that are followed from each layer to the one below.
        hidden: width of each LSTM; by default that of `jxai train words`, as the other settings of the training.
        devices: CPU devices; by default one per core.
        called: written after the name of each set, beside the results of a run with other settings.
        keep: leave what stands in the results under other names as it is.
        full: all sets, three seeds, all pictures.
        runs: folder of the networks and explainers.
        table: folder for the results.
    """

    sets: tuple[str, ...] = ("birds",)
    cub: pathlib.Path | None = None
    mpii: pathlib.Path | None = None
    tables: tuple[str, ...] = TABLES
    methods: tuple[str, ...] = tuple(METHODS)
    seeds: int = 1
    train: int = 1000
    val: int = 150
    test: int = 400
    captions: int = 4
    masked: int = 200
    epochs: int = 5
    relevance: float = 0.1
    variant: str = "released"
    k: int = 5
    hidden: int | None = None
    devices: int | None = None
    called: str = ""
    keep: bool = False
    full: bool = False
    runs: pathlib.Path | None = None
    table: pathlib.Path = pathlib.Path(__file__).parents[1] / "results"


def main(config: Config) -> dict[str, Any]:
    """Trains what is not there, measures every table, writes; returns what was measured."""
    require_known("sets", config.sets, SETS)
    require_known("tables", config.tables, LONG)
    require_known("methods", config.methods, METHODS)
    prepare(config.devices)
    config = dataclasses.replace(config, **FULL) if config.full else config
    sources, results = Sources(config.cub, config.mpii), {}
    began, folder = time.perf_counter(), config.runs or cache_folder() / "runs" / "flex"
    with telling() as tell:
        for name in config.sets:
            if not present(name, sources):
                print(f"{name}: left out, it is not there; name its folder, or set JXAI_DATA")
                continue
            whole = load_set(name, sources, tell)
            net = network(whole, folder, seed=0, tell=tell)
            data = limited(whole, config.train, config.val, config.test)
            found = results[f"{name}, {config.called}" if config.called else name] = []
            for seed in range(config.seeds):
                found.append(measure(net, data, config, folder / "explainers" / name, seed, tell))
                run = run_of(asked(config), machine("jax", "flax"), time.perf_counter() - began)
                write_results(config.table, run, results, keep=config.keep)
    if not results:
        raise SystemExit("nothing was measured")
    print(config.table / "flex.md")
    return results


def measure(
    net: Network, data: Set, config: Config, folder: pathlib.Path, seed: int, tell: Any
) -> dict[str, dict[str, Any] | list[dict[str, Any]]]:
    """All tables of a set, with the explainers of one seed.

    Args:
        net: the classifier.
        data: the set.
        config: what is measured.
        folder: of the explainers.
        seed: of their training.
        tell: told of progress.

    Returns:
        `about`, the set in numbers; `tables`, by title, row and quality `[n]` or one number; `sentences` of the first
        pictures.
    """
    reading = Reading(net.layers, net.model.features, k=config.k, variant=config.variant)  # type: ignore[arg-type]
    variants = _variants(data, config)
    read = read_set(net, data, reading, folder.parent / "read" / data.name, tell)
    own: dict[str, Any] = {"captions": config.captions, "variants": variants}
    ready = prepared(read, net, data, reading, **own)
    of = dict.fromkeys(config.methods, ready)
    if THINGS in of:
        of[THINGS] = prepared(read, net, data, reading, things=True, **own)
    facts = facts_of(net, data, data.captioned["test"], variants)
    settings = _settings(config, seed)
    explainers = {name: explainer(of[name], name, folder, settings, tell) for name in of}
    speakers = {name: one.speaker for name, one in explainers.items()}
    decided = ready.splits["test"].features
    said = {name: said_of_decision(speaker, decided) for name, speaker in speakers.items()}
    over = _over_lambda(ready, facts, explainers, config, folder, seed, tell) if "lambda" in config.tables else {}
    tables: dict[str, Any] = {"lambda": over} if over else {}
    tables["methods"] = {
        name: qualities(said[name], facts, data, sampled(one.speaker, decided, seed)) | {"seconds": one.seconds}
        for name, one in explainers.items()
    }
    tables["evidence"] = evidence({name: of[name] for name in ("FLEX", THINGS) if name in of}, facts, seed)
    if "held out" in config.tables:
        tables["held out"] = _unseen(read, reading, net, data, config, folder, seed, tell)
    if "insight" in config.tables:
        tables["insight"] = insight(ready, said, facts, data)
    if "annotation" in config.tables and data.kind == "points":
        tables["annotation"] = annotation(ready, net, facts, data)
        if THINGS in of:
            by_things = annotation(of[THINGS], net, facts, data)
            tables["annotation"] |= {f"{row}, words of things": found for row, found in by_things.items()}
    if "masking" in config.tables:
        tables |= masked(of, net, said, facts, seed, config.masked)
    if "other class" in config.tables:
        others = {name: said_of_class(speaker, facts.images, facts.second) for name, speaker in speakers.items()}
        tables["other class"] = {name: changes(said[name], others[name]) for name in said}
    return {"about": about_of(net, ready, facts, data), "tables": tables, "sentences": shown(said, facts, data)}


def _variants(data: Set, config: Config) -> Any:
    """CUB's table of other forms of words, where it is there."""
    table = (config.cub or data_folder() / "cub") / "lemma.txt"
    return read_variants(table) if data.name.startswith("cub") and table.is_file() else {}


def _settings(config: Config, seed: int, **own: Any) -> FlexSettings:
    given = {"epochs": config.epochs, "captions": config.captions, "seed": seed, "relevance": config.relevance}
    wide = {} if config.hidden is None else {"hidden": config.hidden}
    return FlexSettings(**{**given, **wide, **own})


def _over_lambda(
    ready: Any, facts: Facts, there: dict[str, Explainer], config: Config, folder: pathlib.Path, seed: int, tell: Any
) -> dict[str, Any]:
    """Table 1; the two that Table 2 has are not trained again."""
    trained = {"FLEX": config.relevance, "without relevance vector": 0.0}
    known, found = {weight: there[name] for name, weight in trained.items() if name in there}, {}
    decided = ready.splits["test"].features
    for weight in LAMBDAS:
        settings = _settings(config, seed, relevance=weight)
        one = known[weight] if weight in known else explainer(ready, "FLEX", folder, settings, tell)
        said, drawn = said_of_decision(one.speaker, decided), sampled(one.speaker, decided, seed)
        found[f"{weight:.4f}".rstrip("0").rstrip(".")] = decision_relevance(said, facts, drawn)
    return found


def _unseen(
    read: Any, reading: Reading, net: Network, data: Set, config: Config, folder: pathlib.Path, seed: int, tell: Any
) -> dict[str, Any]:
    """Table 5: two classes that the explainers do not learn from, and are tested on."""
    named = [data.classes.index(name) for name in HELD_OUT.get(data.name, ()) if name in data.classes]
    classes = tuple(named) if len(named) == 2 else (len(data.classes) // 3, 2 * len(data.classes) // 3)
    rows = [row for row in data.captioned["test"] if row["label"] in classes]
    if not rows or not any(row["label"] not in classes for row in data.captioned["val"]):
        return {}
    variants = _variants(data, config)
    ready = prepared(read, net, data, reading, captions=config.captions, variants=variants, without=classes)
    facts, decided, found = facts_of(net, data, rows, variants), ready.splits["test"].features, {}
    for name in (name for name in UNSEEN if name in config.methods):
        one = explainer(ready, name, folder / f"without {classes}", _settings(config, seed), tell)
        said, drawn = said_of_decision(one.speaker, decided), sampled(one.speaker, decided, seed)
        measured = qualities(said, facts, data, drawn)
        found[name] = {quality: measured[quality] for quality in KEPT if quality in measured}
    return found


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
