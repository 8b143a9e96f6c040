"""A function of one example, over a whole set of examples, on all devices: `jit(shard_map(vmap(fn)))`.

Every batch of jxai goes through `map_examples`. The result for an example depends on the example, the shared arguments,
the key and the example's id; not on how many examples, devices or batches there are, nor on where a job was resumed:

    keys   = fold_in(key, id)                        one per example
    batch  = per_device x devices examples           always: the last batch is padded, and the padding dropped
    device = vmap(fn) over per_device examples       the same program on 1 and on 4 devices

Where there are fewer examples than devices, several devices can work on one example (`devices_per_example`): they share
the evaluations that a method makes of it, and the result agrees to rounding.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jxai.core.devices import EVALUATIONS

__all__ = ["Batch", "Mapped", "map_examples"]

_AXIS = "examples"


class Batch(NamedTuple):
    """The results of one batch, without padding.

    Attributes:
        start: position in the set of the first example of the batch.
        ids: the ids of its examples, uint32 `[b]`.
        results: what `fn` returned, a pytree of NumPy arrays `[b, ...]`.
    """

    start: int
    ids: np.ndarray
    results: Any


class Mapped:
    """What `map_examples` returns: call it, or iterate over its `batches`."""

    def __init__(self, fn: Callable[..., Any], in_axes: tuple[int | None, ...], per_device: int, mesh: Mesh):
        """Builds the program; use `map_examples`."""
        self._in_axes = in_axes
        self._rows = per_device * mesh.shape[_AXIS]
        self._split = NamedSharding(mesh, PartitionSpec(_AXIS))
        self._whole = NamedSharding(mesh, PartitionSpec())
        self._program = _program(fn, in_axes, mesh)

    def __call__(
        self,
        *args: Any,
        key: jax.Array | None = None,
        ids: Any = None,
        progress: Callable[[int, int], None] | None = None,
        **inputs: Any,
    ) -> Any:
        """Maps the whole set.

        Args:
            *args: as many as `in_axes`: where that is 0, a pytree of arrays `[n, ...]`; where it is None, shared.
            key: one random key for the set; `fn` gets `key=fold_in(key, id)`. None: `fn` gets no key.
            ids: whole numbers `[n]` in 0..2^32-1 that name the examples; None: 0..n-1.
            progress: called as `progress(done, n)` after every batch.
            **inputs: keyword arguments of `fn`, each a pytree of arrays `[n, ...]`.

        Returns:
            What `fn` returns, as a pytree of NumPy arrays `[n, ...]`.

        Raises:
            ValueError: for an empty set, or for arguments or ids that do not fit.
        """
        parts = [batch.results for batch in self.batches(*args, key=key, ids=ids, progress=progress, **inputs)]
        return jax.tree.map(lambda *leaves: np.concatenate(leaves), *parts)

    def batches(
        self,
        *args: Any,
        key: jax.Array | None = None,
        ids: Any = None,
        progress: Callable[[int, int], None] | None = None,
        **inputs: Any,
    ) -> Iterator[Batch]:
        """As a call, but yields one `Batch` after the other; at most two are in memory.

        Args:
            *args: see `__call__`.
            key: see `__call__`.
            ids: see `__call__`.
            progress: see `__call__`.
            **inputs: see `__call__`.

        Returns:
            An iterator; the arguments are checked at once, the work is done as it is consumed.
        """
        # not in the generator below, whose body would run only when the first batch is asked for
        _check_arguments(args, self._in_axes)
        per_example = tuple(arg for arg, axis in zip(args, self._in_axes, strict=True) if axis == 0)
        for_all = tuple(arg for arg, axis in zip(args, self._in_axes, strict=True) if axis is None)
        total = _count((per_example, inputs))
        # on the host: slices of device arrays would each be a program of their own
        host = jax.tree.map(lambda a: np.asarray(a) if isinstance(a, jax.Array) else a, (per_example, inputs))
        names = _ids(ids, total)
        return self._run(host, (for_all, key), names, total, progress)

    def _run(self, per_example, for_all, ids, total, progress) -> Iterator[Batch]:
        for_all = jax.device_put(for_all, self._whole)  # once, not with every batch
        pending: Batch | None = None
        for start in range(0, total, self._rows):
            # submitted before the last one is fetched: the devices work meanwhile
            running = self._submit(per_example, for_all, ids, start)
            if pending is not None:
                yield _finish(pending, total, progress)
            pending = running
        if pending is not None:
            yield _finish(pending, total, progress)

    def _submit(self, per_example, for_all, ids, start) -> Batch:
        rows, valid = _rows(ids[start : start + self._rows], self._rows)
        padded = jax.tree.map(lambda a: _rows(a[start : start + self._rows], self._rows)[0], per_example)
        results = self._program(*jax.device_put((padded, rows), self._split), *for_all)
        return Batch(start, rows[valid], results)


def map_examples(
    fn: Callable[..., Any],
    *,
    in_axes: Sequence[int | None],
    per_device: int = 16,
    devices: Sequence[Any] | None = None,
    devices_per_example: int = 1,
) -> Mapped:
    """A function of one example, over a set of examples, on all devices.

    `jit(shard_map(vmap(fn, in_axes)))`, compiled at the first batch and used for all others: build once, call often.
    As with `jax.vmap`, positional arguments are mapped where `in_axes` is 0 and shared where it is None, and keyword
    arguments are mapped; `key` alone is special: it is folded with each example's id.

    Args:
        fn: function of one example that returns a pytree of arrays. Parameters are arguments, not closed over.
        in_axes: for every positional argument 0 (one row an example) or None (the same for all).
        per_device: examples that a device works on at once. The bits of the result may depend on it (as they do
            on the batch size of any `vmap`), but not on the number of devices.
        devices: to use; None: all devices of this process.
        devices_per_example: devices that share the steps or samples of each example. For methods for which
            `core.devices.has_shared_evaluations` is true; others would be run by each of them.

    Returns:
        A `Mapped`: `mapped(*args, key=None, ids=None, **inputs)` for the whole set, `mapped.batches(...)` for each.

    Raises:
        ValueError: for an axis other than 0 and None, no mapped argument, `per_device` below 1, or
            `devices_per_example` that does not divide the devices.

    Example:
        A test set with labels; one image for many classes; a measure:

        >>> explain = jax.grad(lambda x, label, params: (params @ x)[label])
        >>> xs, labels, params = np.ones((5, 3), np.float32), np.arange(5) % 2, np.ones((2, 3), np.float32)
        >>> maps = map_examples(explain, in_axes=(0, 0, None), per_device=2)(xs, labels, params)
        >>> maps.shape
        (5, 3)
        >>> map_examples(explain, in_axes=(None, 0, None), per_device=2)(xs[0], np.arange(2), params).shape
        (2, 3)
        >>> measure = lambda attribution, x, label, params: attribution @ x
        >>> map_examples(measure, in_axes=(0, 0, 0, None), per_device=2)(maps, xs, labels, params).shape
        (5,)
    """
    axes = tuple(in_axes)
    if any(axis not in (0, None) for axis in axes) or 0 not in axes:
        raise ValueError(
            f"expected in_axes of 0 and None with at least one 0, got {axes}; move other axes to the front"
        )
    if per_device < 1:
        raise ValueError(f"expected per_device of at least 1, got {per_device}")
    available = jax.local_devices() if devices is None else list(devices)
    if devices_per_example < 1 or len(available) % devices_per_example:
        raise ValueError(
            f"expected devices_per_example to divide the {len(available)} devices, got {devices_per_example}"
        )
    grid = np.array(available).reshape(-1, devices_per_example)
    return Mapped(fn, axes, per_device, Mesh(grid, (_AXIS, EVALUATIONS)))


def _program(fn: Callable[..., Any], in_axes: tuple[int | None, ...], mesh: Mesh) -> Callable[..., Any]:
    def one(per_example, ids, for_all, key):
        args, inputs = per_example
        rows, same = iter(args), iter(for_all)
        arguments = [next(rows) if axis == 0 else next(same) for axis in in_axes]
        if key is not None:
            # by id, not by place: a result does not depend on the batch or on where a job was resumed
            inputs = {**inputs, "key": jax.random.fold_in(key, ids)}
        return fn(*arguments, **inputs)

    split, whole = PartitionSpec(_AXIS), PartitionSpec()
    every = jax.vmap(one, in_axes=(0, 0, None, None))
    specs = (split, split, whole, whole)
    # check_vma=False: loops inside fn may start their carry from a constant, and core.devices needs it
    return jax.jit(jax.shard_map(every, mesh=mesh, in_specs=specs, out_specs=split, check_vma=False))


def _finish(batch: Batch, total: int, progress: Callable[[int, int], None] | None) -> Batch:
    valid = len(batch.ids)
    results = jax.tree.map(lambda leaf: np.asarray(leaf)[:valid], batch.results)
    if progress is not None:
        progress(batch.start + valid, total)
    return batch._replace(results=results)


def _rows(array: Any, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The array padded to `rows` with copies of its last row, and the mask of rows that are no padding."""
    array = np.asarray(array)
    valid = np.arange(rows) < len(array)
    if valid.all():
        return array, valid
    # copies of a real row, not zeros: fn may fail or loop for ever on an example that cannot occur
    return np.concatenate([array, np.repeat(array[-1:], rows - len(array), axis=0)]), valid


def _check_arguments(args: tuple[Any, ...], in_axes: tuple[int | None, ...]) -> None:
    if len(args) != len(in_axes):
        raise ValueError(
            f"expected {len(in_axes)} positional arguments, one for each of in_axes={in_axes}, got {len(args)}"
        )


def _count(per_example: Any) -> int:
    leaves = jax.tree_util.tree_leaves_with_path(per_example)
    if any(np.ndim(leaf) == 0 for _, leaf in leaves):
        raise ValueError("expected arrays [n, ...] as mapped arguments, got a number; share it by None in in_axes")
    counts = {len(leaf) for _, leaf in leaves}
    if len(counts) != 1:
        raise ValueError(f"expected the same number of examples in every mapped argument, got {sorted(counts)}")
    if counts == {0}:
        raise ValueError("expected at least one example, got an empty set")
    return counts.pop()


def _ids(ids: Any, total: int) -> np.ndarray:
    if ids is None:
        return np.arange(total, dtype=np.uint32)
    names = np.asarray(ids)
    if names.shape != (total,) or names.dtype.kind not in "iu":
        raise ValueError(f"expected ids as whole numbers [{total}], got {names.dtype} {list(names.shape)}")
    if names.min() < 0 or names.max() > np.iinfo(np.uint32).max:
        raise ValueError(f"expected ids in 0..2^32-1, got {names.min()}..{names.max()}")
    return names.astype(np.uint32)
