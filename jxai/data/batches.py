"""Batches of examples, in a fixed order, read by threads."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, runtime_checkable

import numpy as np

from jxai.extras import needs

__all__ = ["Source", "batches"]

Example = Any  # a mapping of names to arrays, numbers or lists
Transform = Callable[[Example, np.random.Generator], Example]


@runtime_checkable
class Source(Protocol):
    """Examples in random access: an `ImageSource`, or a plain list of dictionaries."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, index: int, /) -> Example:
        """The example at an index."""
        ...


class _Picked:
    """The examples of a source in another order, each transformed with a generator of its own."""

    def __init__(self, source: Source, order: np.ndarray, transform: Transform | None, entropy: tuple[int, ...]):
        self.source, self.order, self.transform, self.entropy = source, order, transform, entropy

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> Example:
        place = int(self.order[index])
        example = self.source[place]
        if self.transform is None:
            return example
        return self.transform(example, np.random.default_rng([*self.entropy, int(example.get("id", place))]))


def _column(name: str, values: list[Any]) -> Any:
    """One field of a batch: stacked where it is numeric, a list where it is not."""
    if isinstance(values[0], (int, np.integer)) and not isinstance(values[0], bool):
        return np.asarray(values, np.int32)
    if not isinstance(values[0], (np.ndarray, np.generic, float, bool)):
        return values
    shapes = {np.shape(value) for value in values}
    if len(shapes) > 1:
        found = ", ".join(str(shape) for shape in sorted(shapes, key=str)[:3])
        raise ValueError(
            f"expected {name!r} to have one shape in all examples of a batch, got {found}: "
            "bring them to one size in `transform`"
        )
    return np.stack([np.asarray(value) for value in values])


def _batch(examples: list[Example], size: int) -> dict[str, Any]:
    """Examples side by side, filled up to `size` with copies of the last one, which are not valid."""
    filled = [*examples, *[examples[-1]] * (size - len(examples))]
    columns = {name: _column(name, [example[name] for example in filled]) for name in filled[0]}
    return columns | {"valid": np.arange(size) < len(examples)}


def batches(
    source: Source,
    *,
    size: int,
    seed: int = 0,
    epoch: int = 0,
    shuffle: bool = False,
    last: str = "pad",
    transform: Transform | None = None,
    threads: int = 2,
) -> Iterator[dict[str, Any]]:
    """Goes once through a source, in batches of a fixed size.

    The order depends on `seed` and `epoch` alone, and what `transform` does to an example on `seed`, `epoch` and the
    example's id: neither on the number of threads nor on the size of batches.

    Args:
        source: Anything with a length and examples by index.
        size: Examples in a batch.
        seed: Of the order, and of the transform's generators.
        epoch: The how-manieth pass it is; each has an order of its own.
        shuffle: Whether to change the order at all.
        last: `pad` fills the last batch with copies of its last example, `drop` leaves it out where it is not full.
        transform: Changes each example: `transform(example, generator) -> example`.
        threads: Threads that read and transform; 0: none.

    Returns:
        An iterator over dictionaries of arrays: `image` uint8 `[size, h, w, 3]`, `label` and `id` int32 `[size]`, every
        other numeric field stacked in the same way; captions and other fields that are not numeric are lists of length
        `size`; and `valid`, bool `[size]`, False for copies.

    Raises:
        ValueError: An argument is out of range, or a field differs in shape from example to example.

    Example:
        >>> source = [{"image": np.zeros((4, 4, 3), np.uint8), "label": i, "id": i} for i in range(5)]
        >>> [(b["label"].tolist(), b["valid"].tolist()) for b in batches(source, size=3)]
        [([0, 1, 2], [True, True, True]), ([3, 4, 4], [True, True, False])]
    """
    if size < 1:
        raise ValueError(f"expected a batch size of 1 or more, got {size}")
    if last not in ("pad", "drop"):
        raise ValueError(f"expected last='pad' or last='drop', got {last!r}")
    if len(source) == 0:
        raise ValueError("expected a source with at least one example, got an empty one")
    with needs("data"):
        import grain  # takes a second to load

    order = np.random.default_rng([seed, epoch]).permutation(len(source)) if shuffle else np.arange(len(source))
    picked = _Picked(source, order, transform, (seed, epoch, 1))
    read = grain.MapDataset.source(picked).batch(
        size, drop_remainder=last == "drop", batch_fn=lambda rows: _batch(list(rows), size)
    )
    return iter(read.to_iter_dataset(grain.ReadOptions(num_threads=threads, prefetch_buffer_size=2 * max(1, threads))))
