"""The folder of a training run.

metrics.jsonl   one line an epoch
latest/         the newest checkpoint: params, optimiser, progress of the run
best/           the params with the best validation accuracy
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax

from jxai.run import checkpoints
from jxai.run.outputs import append_line, keep_lines, read_lines

__all__ = ["RunFolder", "Trained"]


class Trained(NamedTuple):
    """A finished run.

    Attributes:
        params: with the best validation accuracy, as NumPy arrays.
        accuracy: that accuracy.
        epoch: after which it was reached, from 1.
        history: the records of `metrics.jsonl`: step, epoch, loss, train_accuracy (of the augmented images, while
            training), validation_accuracy, learning_rate, seconds (since the start, interruptions left out).
    """

    params: Any
    accuracy: float
    epoch: int
    history: list[dict[str, Any]]


class RunFolder:
    """Saves and continues a run.

    After an epoch it writes the line, then `best`, then `latest`. What a kill cuts off is repeated from the earlier
    `latest`, with the same result.
    """

    def __init__(self, folder: Path, identity: dict[str, Any]):
        """A folder, and the settings and data that a run there must have to be continued."""
        self.folder, self.identity = folder, identity
        self.metrics, self.latest, self.best = folder / "metrics.jsonl", folder / "latest", folder / "best"

    def restore(self, start: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
        """The newest state of the folder, or `start()`; lines of later epochs are removed."""
        done = {"epoch": 0, "step": 0, "seconds": 0.0, "accuracy": None, "best": -1.0}
        self.folder.mkdir(parents=True, exist_ok=True)
        state = None
        if checkpoints.exists(self.latest):
            checkpoint, about = checkpoints.load(self.latest)
            self._agree(about["identity"])
            # the leaves alone are in it: optax states are NamedTuples, which a checkpoint cannot hold
            structure = jax.tree.structure(jax.eval_shape(start)["optimiser"])
            inner = jax.tree.unflatten(structure, checkpoint["optimiser"])
            state, done = {"params": checkpoint["params"], "optimiser": inner}, about["done"]
        # a run killed between the line and `latest` has one line too many
        keep_lines(self.metrics, [line for line in read_lines(self.metrics) if line["epoch"] <= done["epoch"]])
        return state or start(), done

    def _agree(self, earlier: dict[str, Any]) -> None:
        differ = [name for name in {**earlier, **self.identity} if earlier.get(name) != self.identity.get(name)]
        if differ:
            raise ValueError(
                f"expected the run in {self.folder} to have the same settings and data, "
                f"but {', '.join(differ)} differ; "
                "name another folder, or delete it to start anew"
            )

    def keep(self, state: Any, done: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
        """Writes the results of an epoch; returns where the run is now."""
        accuracy = record["validation_accuracy"]
        params = jax.device_get(state["params"])
        append_line(self.metrics, record)  # `latest` goes last: until it is written the epoch is not done
        if accuracy > done["best"]:
            checkpoints.save(self.best, params, {"epoch": record["epoch"], "accuracy": accuracy, **self._about()})
        now = {name: record[name] for name in ("epoch", "step", "seconds")}
        now |= {"accuracy": accuracy, "best": max(accuracy, done["best"])}
        inner = jax.device_get(jax.tree.leaves(state["optimiser"]))
        checkpoints.save(self.latest, {"params": params, "optimiser": inner}, {"done": now, **self._about()})
        return now

    def _about(self) -> dict[str, Any]:
        return {"identity": self.identity}

    def result(self) -> Trained:
        """The best params and the history."""
        params, about = checkpoints.load(self.best)
        return Trained(params, about["accuracy"], about["epoch"], read_lines(self.metrics))
