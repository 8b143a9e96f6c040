"""Tables 1 to 5 of FLEX, the percentages in its text, and whether what a sentence names carries the decision.

    python -m experiments.flex                      # birds, one seed, short training, Tables 2 to 4 and the text
    python -m experiments.flex --tables methods lambda "held out" --seeds 3       # Tables 1 to 5
    python -m experiments.flex --epochs 12 --called "trained longer" --keep       # in addition to earlier results
    python -m experiments.flex --sets birds scenes cub "cub whole"          # CUB from $JXAI_DATA
    python -m experiments.flex --sets cub mpii --cub CUB_200_2011 --mpii MPII     # a user's own folders
    python -m experiments.flex --full                       # all sets whose files exist, three seeds, all images

Explainers: FLEX, FLEX without the relevance vector, a description of unweighted features, GVE, MME. All learn from the
features of one classifier. Classifiers and explainers are trained once, into the cache folder. A run that was
interrupted continues where it stopped.
"""

from collections.abc import Iterator
from typing import Any

import tyro

from experiments.experiment.results import run
from experiments.experiment.settings import require_known
from experiments.flex.config import LONG, Config
from experiments.flex.data import SETS, Sources, limited, load_set, present
from experiments.flex.explainers import METHODS
from experiments.flex.networks import network
from experiments.flex.page import REPORT
from experiments.flex.summary import summary
from experiments.flex.tables import measure
from jxai.cli.progress import progress_bars
from jxai.data.cache import cache_folder
from jxai.pipelines.devices import prepare

__all__ = ["main"]


def main(config: Config) -> dict[str, Any]:
    """Trains what does not exist, measures every table, writes; returns what the JSON file holds."""
    require_known("sets", config.sets, SETS)
    require_known("tables", config.tables, LONG)
    require_known("methods", config.methods, METHODS)
    prepare(config.devices)
    config = config.resolved()
    with progress_bars() as progress:
        return run(REPORT, config, _measurements(config, progress))


def _measurements(config: Config, progress: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The results of each set, by name: after each seed those of all seeds so far."""
    sources, folder = Sources(config.cub, config.mpii), config.runs or cache_folder() / "runs" / "flex"
    for name in config.sets:
        if not present(name, sources):
            print(f"{name}: left out, its files are absent; name their folder, or set JXAI_DATA")
            continue
        whole = load_set(name, sources, progress)
        net = network(whole, folder, seed=0, progress=progress)
        data, seeds = limited(whole, config.train, config.val, config.test), []
        for seed in range(config.seeds):
            seeds.append(measure(net, data, config, folder / "explainers" / name, seed, progress))
            yield name, summary(seeds)


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
