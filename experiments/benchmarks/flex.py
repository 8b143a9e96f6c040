"""The cost of FLEX: reading decisions, training on birds, generating sentences.

    python -m experiments.benchmarks.flex                        # reading and sentences
    python -m experiments.benchmarks.flex --weights RUN          # and training on birds, for the classifier of a run

Reading is compared with its budget: three forward and backward passes of the classifier and, for each layer but the
first, k backward passes from it to the layer before. The passes are timed alone, on the same images.
"""

import dataclasses
import pathlib
import tempfile
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import tyro

from experiments.benchmarks.flex_page import REPORT
from experiments.benchmarks.timing import RESULTS, Times, interleaved, ratio
from experiments.experiment.record import machine, requested
from jxai.cli.progress import progress_bars
from jxai.core import scores
from jxai.core.taps import reap, split
from jxai.data.spec import DataSpec, load
from jxai.language.decode import beam, greedy, sample
from jxai.models import MODELS
from jxai.pipelines.checkpoints import Loaded, load_weights
from jxai.pipelines.devices import prepare
from jxai.pipelines.words.captioners import Sizes, captioner_of
from jxai.pipelines.words.features import reader
from jxai.pipelines.words.layers import Reading, reading_of
from jxai.pipelines.words.prepare import prepare_words
from jxai.pipelines.words.settings import FlexSettings
from jxai.pipelines.words.train import train_explainer
from jxai.run.map import map_examples

__all__ = ["Config", "main"]

NETWORKS: dict[str, dict[str, Any]] = {"small_cnn": {"classes": 20, "size": 64}, "mobilenet_v2": {"classes": 200}}


@dataclasses.dataclass(frozen=True)
class Config:
    """What to time.

    Attributes:
        networks: whose decisions are read, with random weights.
        pictures: images that are read side by side.
        variants: of the decision.
        sentences: generated in all.
        vocabulary: words of the explainer.
        length: of its sentences, in words.
        weights: a run of `jxai train` on birds, for which an explainer is trained; None: no training.
        rounds: how often each is timed.
        out: folder for the results.
    """

    networks: tuple[str, ...] = ("small_cnn", "mobilenet_v2")
    pictures: int = 16
    variants: tuple[str, ...] = ("paper", "released")
    sentences: int = 1000
    vocabulary: int = 120
    length: int = 26
    weights: pathlib.Path | None = None
    rounds: int = 5
    out: pathlib.Path = RESULTS


def main(config: Config) -> None:
    """Times everything; writes `flex.json` and `flex.md`."""
    prepare(1)  # one device: passes are compared with each other
    about = machine("jax", "flax")
    results: dict[str, Any] = {"machine": about, "reading": [], "saying": _decoding(config)}
    for name in config.networks:
        for variant in config.variants:
            results["reading"].append(_reading(config, name, variant))
            print(results["reading"][-1], flush=True)
    results["training"] = _training(config) if config.weights else None
    results["config"] = requested(config) | {"weights": config.weights and config.weights.name}
    print(REPORT.write(config.out, results))


def _reading(config: Config, name: str, variant: str) -> dict[str, Any]:
    """The time of reading a batch divided by the time of its passes alone."""
    model = MODELS[name](**NETWORKS[name])
    loaded = Loaded(model, model.init(jax.random.key(0)), None)
    reading = reading_of(loaded)._replace(variant=variant)  # type: ignore[arg-type]
    xs = jax.random.uniform(jax.random.key(1), (config.pictures, model.size, model.size, model.channels))
    labels = jnp.arange(config.pictures, dtype=jnp.int32) % model.classes
    read = reader(model, reading, truth=True)
    parts: dict[str, Callable] = {
        "reading": read,
        "predicted": lambda *args: read(*args)._replace(chosen=None),
        "importances": lambda *args: read(*args).visual,
    }
    programs = {
        part: jax.jit(jax.vmap(fn, in_axes=(0, 0, None))).lower(xs, labels, loaded.params).compile()
        for part, fn in parts.items()
    }
    runs: dict[str, Callable] = {
        part: lambda program=program: program(xs, labels, loaded.params) for part, program in programs.items()
    }
    runs["forward and backward"] = _pass(loaded, xs, labels)
    segments = _segments(loaded, reading, xs, labels)
    times = interleaved(runs | segments, rounds=config.rounds)
    rounds = range(config.rounds)
    most = Times(
        tuple(
            3 * times["forward and backward"].seconds[i]
            + reading.k * sum(times[segment].seconds[i] for segment in segments)
            for i in rounds
        )
    )
    return {
        "network": name,
        "variant": variant,
        "layers": len(reading.layers),
        "k": reading.k,
        "milliseconds": 1e3 * times["reading"].median / config.pictures,
        "pass": 1e3 * times["forward and backward"].median / config.pictures,
        "passes": ratio(times["reading"], times["forward and backward"]),
        "predicted": ratio(times["predicted"], times["forward and backward"]),
        "importances": ratio(times["importances"], times["forward and backward"]),
        "of_budget": ratio(times["reading"], most),
    }


def _pass(loaded: Loaded, xs: Any, labels: Any) -> Callable[[], Any]:
    """One forward and backward pass down to the image."""
    score = scores.logit(loaded.model.apply)
    both = jax.vmap(jax.value_and_grad(lambda x, label, params: score(x, label, params)), in_axes=(0, 0, None))
    program = jax.jit(both).lower(xs, labels, loaded.params).compile()
    return lambda: program(xs, labels, loaded.params)


def _segments(loaded: Loaded, reading: Reading, xs: Any, labels: Any) -> dict[str, Callable[[], Any]]:
    """One backward pass from each layer to the one before, of the whole batch."""
    score = scores.logit(loaded.model.apply)
    runs: dict[str, Callable[[], Any]] = {}
    for before, after in zip(reading.layers, reading.layers[1:], strict=False):
        features, head = split(score, before)

        def onwards(a: Any, head: Any = head, after: str = after) -> Any:
            one = lambda a, x, label: reap(head, after)(a, x, label, loaded.params)[after]  # noqa: E731
            return jax.vmap(one)(a, xs, labels)

        a = jax.jit(jax.vmap(features, in_axes=(0, 0, None)))(xs, labels, loaded.params)
        value, back = jax.jit(lambda a, onwards=onwards: jax.vjp(onwards, a))(a)
        pull = jax.jit(lambda back, cotangent: back(cotangent))
        runs[f"{after} to {before}"] = lambda pull=pull, back=back, value=value: pull(back, value)
    return runs


def _decoding(config: Config) -> list[dict[str, Any]]:
    """The time of generating sentences from features that have been read."""
    settings = FlexSettings()
    captioner = captioner_of("flex", Sizes(config.vocabulary, 192, 20), settings)
    params = captioner.init(jax.random.key(0))
    visual = jax.random.uniform(jax.random.key(1), (config.sentences, 192))
    options = {"length": config.length, "stop": 2}
    ways = {
        "greedy": greedy(captioner, **options),
        "sampled": sample(captioner, **options),
        "beam of 5": beam(captioner, width=5, **options),
    }
    rows, key = [], jax.random.key(2)
    for name, decode in ways.items():
        mapped = map_examples(
            lambda image, params, key, decode=decode: decode(params, image, key), in_axes=(0, None), per_device=250
        )
        runs = {name: lambda mapped=mapped: mapped({"visual": visual}, params, key=key)}
        times = interleaved(runs, rounds=config.rounds)[name]
        rows.append({"decoder": name, "seconds": times.median, "least": min(times.seconds), "most": max(times.seconds)})
    return rows


def _training(config: Config) -> dict[str, Any]:
    """Preparing birds and training FLEX on them, as on the command line; on one device."""
    assert config.weights is not None
    loaded, settings = load_weights(None, config.weights), FlexSettings()
    with progress_bars() as progress, tempfile.TemporaryDirectory() as folder:
        data = DataSpec("birds", options={"species": loaded.model.classes})
        sources = load(data, loaded.model.size, progress=progress).sources
        start = time.perf_counter()
        prepared = prepare_words(
            loaded, sources, reading_of(loaded), least=settings.least, captions=settings.captions, progress=progress
        )
        read = time.perf_counter()
        _, trained = train_explainer(
            "flex", prepared, folder=pathlib.Path(folder), settings=settings, progress=progress
        )
        done = time.perf_counter()
    pictures = {name: len(part.data.labels) for name, part in prepared.splits.items()}
    return {
        "pictures": pictures,
        "sentences": len(prepared.splits["train"].tokens),
        "epochs": settings.epochs,
        "preparing": read - start,
        "training": done - read,
        "best_epoch": trained.epoch,
    }


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
