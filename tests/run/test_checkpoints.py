"""Checkpoints: what is loaded is what was saved, or one clear error."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from orbax.checkpoint import v1 as ocp

from jxai.run import checkpoints
from jxai.run.atomic import new_folder
from jxai.run.checkpoints import CheckpointError

RNG = np.random.default_rng(0)
PARAMS = {
    "conv": {"kernel": RNG.normal(size=(8, 8, 64)).astype(np.float32), "bias": np.arange(4, dtype=np.float16)},
    "layers": {0: jnp.ones(2, jnp.bfloat16), 10: (jnp.int32(3), [np.float64(0.5), None], {})},
    "key": jax.random.key_data(jax.random.key(1)),
    "flag": np.bool_(True),
}


def same(a, b):
    leaves = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    bits = all(np.asarray(x).dtype == y.dtype and np.asarray(x).tobytes() == y.tobytes() for x, y in leaves)
    return bits and jax.tree.structure(a) == jax.tree.structure(b)


def test_round_trip(tmp_path, capfd):
    checkpoints.save(tmp_path / "c", PARAMS, {"epoch": 3, "name": "x"})
    params, metadata = checkpoints.load(tmp_path / "c")
    assert same(PARAMS, params)
    assert metadata == {"epoch": 3, "name": "x"}
    assert all(isinstance(leaf, np.ndarray) for leaf in jax.tree.leaves(params))
    assert capfd.readouterr().err == ""


def test_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checkpoints.save("sub/c", {"w": np.ones(2)})
    assert checkpoints.exists("sub/c") and not checkpoints.exists("sub/d")
    assert checkpoints.load("sub/c")[0]["w"].tolist() == [1, 1]


def test_orbax_alone_can_read_it(tmp_path):
    checkpoints.save(tmp_path / "c", {"w": np.arange(3.0)})
    assert ocp.load(tmp_path / "c" / "checkpoint")["w"].tolist() == [0, 1, 2]


def largest(folder):
    return max((f for f in folder.rglob("*") if f.is_file()), key=lambda f: f.stat().st_size)


@pytest.mark.parametrize("place", [0.05, 0.3, 0.5, 0.7, 0.95])
def test_flipped_byte_names_the_leaf(tmp_path, place, capfd):
    checkpoints.save(tmp_path / "c", {"conv": PARAMS["conv"], "other": np.ones(3)})
    file = largest(tmp_path / "c")
    data = bytearray(file.read_bytes())
    data[int(place * len(data))] ^= 0x5A
    file.write_bytes(data)
    with pytest.raises(CheckpointError, match=r"damaged.*conv.*kernel.*restore it from a copy"):
        checkpoints.load(tmp_path / "c")
    assert capfd.readouterr().err == ""


def test_no_flipped_byte_goes_unnoticed(tmp_path):
    """Every file of the checkpoint, many places: an error of ours, or the right numbers."""
    saved = {"a": RNG.normal(size=300).astype(np.float32), "b": np.arange(3)}
    checkpoints.save(tmp_path / "c", saved, {"epoch": 3})
    noticed = 0
    for file in [f for f in (tmp_path / "c").rglob("*") if f.is_file()]:
        data = file.read_bytes()
        for place in range(0, len(data), max(1, len(data) // 6)):
            file.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
            try:
                params, metadata = checkpoints.load(tmp_path / "c")
            except CheckpointError:
                noticed += 1
            else:
                assert same(saved, params) and metadata == {"epoch": 3}
        file.write_bytes(data)
    assert noticed > 5


def test_truncated(tmp_path):
    checkpoints.save(tmp_path / "c", PARAMS)
    file = largest(tmp_path / "c")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoints.load(tmp_path / "c")


def test_metadata_changed(tmp_path):
    checkpoints.save(tmp_path / "c", {"w": np.ones(2)}, {"epoch": 3})
    (file,) = (tmp_path / "c").rglob("_CHECKPOINT_METADATA")
    file.write_text(file.read_text() + " ")
    with pytest.raises(CheckpointError, match="_CHECKPOINT_METADATA is not what was saved"):
        checkpoints.load(tmp_path / "c")


def test_seal_changed(tmp_path):
    checkpoints.save(tmp_path / "c", {"w": np.ones(2)}, {"epoch": 3})
    file = tmp_path / "c" / "jxai.json"
    assert 'epoch\\": 3' in file.read_text()
    file.write_text(file.read_text().replace('epoch\\": 3', 'epoch\\": 4'))
    with pytest.raises(CheckpointError, match="jxai.json has changed"):
        checkpoints.load(tmp_path / "c")


def test_digests_are_in_the_custom_metadata(tmp_path):
    checkpoints.save(tmp_path / "c", {"w": np.ones(2)})
    kept = ocp.metadata(tmp_path / "c" / "checkpoint").custom_metadata
    digest = hashlib.sha256(np.ones(2).tobytes()).hexdigest()
    assert kept["structure"] == {"dict": [["w", {"leaf": ["float64", [2], digest]}]]}


def test_absent_or_foreign(tmp_path):
    with pytest.raises(CheckpointError, match="there is none"):
        checkpoints.load(tmp_path / "c")
    ocp.save(tmp_path / "c" / "checkpoint", {"w": np.ones(2)})
    with pytest.raises(CheckpointError, match="written by jxai"):
        checkpoints.load(tmp_path / "c")


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({}, ValueError, "empty tree"),
        ({"w": np.zeros((0, 3))}, ValueError, "at least one element"),
        ({"w": 3.0}, TypeError, r"got float at params\['w'\]"),
        ({"k": jax.random.key(0)}, TypeError, "key_data"),
        ({1: np.ones(1), "1": np.ones(1)}, TypeError, "keys of text, or of whole numbers"),
    ],
)
def test_refuses(tmp_path, params, error, message):
    with pytest.raises(error, match=message):
        checkpoints.save(tmp_path / "c", params)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(ValueError, match="holds something else"):
        checkpoints.save(tmp_path, {"w": np.ones(2)})
    assert (tmp_path / "thesis.tex").exists()


def test_other_leaves_are_not_named(tmp_path):
    checkpoints.save(tmp_path / "c", {"a": RNG.normal(size=5000), "b": RNG.normal(size=100_000)})
    file = largest(tmp_path / "c")
    data = bytearray(file.read_bytes())
    data[-50_000] ^= 1  # in one of the two
    file.write_bytes(data)
    with pytest.raises(CheckpointError, match=r"this concerns params\['[ab]'\]; restore"):
        checkpoints.load(tmp_path / "c")


def test_metadata_that_json_cannot_say(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        checkpoints.save(tmp_path / "c", {"w": np.ones(2)}, {"x": object()})


def test_a_failed_save_leaves_the_earlier_one(tmp_path, monkeypatch):
    checkpoints.save(tmp_path / "c", {"w": np.ones(2)}, {"epoch": 1})

    def full(path, *args, **kwargs):
        (Path(path)).mkdir()
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ocp, "save", full)
        with pytest.raises(OSError, match="no space"):
            checkpoints.save(tmp_path / "c", {"w": np.zeros(2)}, {"epoch": 2})
    assert checkpoints.load(tmp_path / "c")[1] == {"epoch": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_killed_between_the_two_renames(tmp_path, monkeypatch):
    checkpoints.save(tmp_path / "c", {"w": np.ones(2)}, {"epoch": 1})
    (tmp_path / "c").rename(tmp_path / ".c.replaced")  # what the kill leaves
    assert checkpoints.load(tmp_path / "c")[1] == {"epoch": 1}
    checkpoints.save(tmp_path / "c", {"w": np.ones(2)}, {"epoch": 2})
    assert checkpoints.load(tmp_path / "c")[1] == {"epoch": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


KILLED = """
import os, signal, sys, threading, time, numpy as np
from jxai.run import checkpoints
w = np.random.default_rng(0).normal(size=(1_000_000))
for epoch in range(1000):
    checkpoints.save(sys.argv[1], {"w": w + epoch}, {"epoch": epoch})
    if epoch == 2:
        threading.Timer(float(sys.argv[2]), os.kill, (os.getpid(), signal.SIGKILL)).start()
"""


@pytest.mark.parametrize("delay", [0.03, 0.1])
def test_killed_while_saving(tmp_path, delay):
    command = [sys.executable, "-c", KILLED, str(tmp_path / "c"), str(delay)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    params, metadata = checkpoints.load(tmp_path / "c")
    assert metadata["epoch"] >= 2
    first = np.random.default_rng(0).normal(size=1_000_000)
    np.testing.assert_array_equal(params["w"], first + metadata["epoch"])
    checkpoints.save(tmp_path / "c", {"w": np.ones(1)})
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_temporary_folders_of_living_processes_stay(tmp_path):
    with new_folder(tmp_path / "c") as mine:
        theirs = mine.with_name(mine.name.replace(str(os.getpid()), "1"))
        theirs.mkdir()
    with new_folder(tmp_path / "c", overwrite=True):
        pass
    assert theirs.exists()
