"""Batches: every example once, reproducible order and transforms, padding."""

import numpy as np
import pytest

from jxai.data.batches import batches


@pytest.fixture
def source():
    return [
        {"image": np.full((2, 2, 3), i, np.uint8), "label": i % 3, "id": 100 + i, "captions": [f"bird {i}"]}
        for i in range(23)
    ]


def valid_ids(found):
    return [int(i) for batch in found for i, v in zip(batch["id"], batch["valid"], strict=True) if v]


@pytest.mark.parametrize("threads", [0, 2])
@pytest.mark.parametrize("shuffle", [False, True])
def test_each_example_once(source, shuffle, threads):
    found = list(batches(source, size=5, shuffle=shuffle, threads=threads))
    assert len(found) == 5 and sorted(valid_ids(found)) == [100 + i for i in range(23)]
    assert (valid_ids(found) == sorted(valid_ids(found))) is not shuffle
    for batch in found:
        assert batch["image"].shape == (5, 2, 2, 3) and batch["image"].dtype == np.uint8
        assert batch["label"].dtype == batch["id"].dtype == np.int32 and batch["valid"].dtype == bool
        np.testing.assert_array_equal(batch["image"][:, 0, 0, 0], batch["id"] - 100)
        assert batch["captions"] == [[f"bird {i - 100}"] for i in batch["id"]]


def test_the_last_batch_is_padded_or_dropped(source):
    *_, last = batches(source, size=5)
    assert last["valid"].tolist() == [True, True, True, False, False]
    assert last["id"].tolist() == [120, 121, 122, 122, 122]
    dropped = list(batches(source, size=5, last="drop"))
    assert len(dropped) == 4 and all(batch["valid"].all() for batch in dropped)


def test_order_depends_on_seed_and_epoch_alone(source):
    def order(size=5, **options):
        return valid_ids(batches(source, size=size, shuffle=True, **options))

    assert order(seed=1, epoch=2) == order(seed=1, epoch=2, size=7, threads=0)
    assert len({tuple(order(seed=s, epoch=e)) for s in (0, 1) for e in (0, 1)}) == 4


def test_the_transform_has_a_generator_of_its_own(source):
    def noisy(example, generator):
        return {"id": example["id"], "noise": generator.normal(size=2), "twice": 2.0 * example["label"]}

    def noise(**options):
        found = list(batches(source, transform=noisy, **options))
        rows = [(int(i), tuple(n)) for b in found for i, n, v in zip(b["id"], b["noise"], b["valid"], strict=True) if v]
        return dict(rows)

    base = noise(size=5, seed=3)
    assert len(set(base.values())) == 23
    assert base == noise(size=8, seed=3, shuffle=True, threads=0)
    assert not set(base.values()) & set(noise(size=5, seed=3, epoch=1).values())


def test_errors(source):
    with pytest.raises(ValueError, match="batch size of 1"):
        batches(source, size=0)
    with pytest.raises(ValueError, match="last='pad'"):
        batches(source, size=2, last="keep")
    with pytest.raises(ValueError, match="empty"):
        batches([], size=2)
    ragged = [{"image": np.zeros((n, 2, 3), np.uint8)} for n in (2, 3)]
    with pytest.raises(ValueError, match="expected 'image' to have one shape"):
        list(batches(ragged, size=2))
