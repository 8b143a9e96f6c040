"""Raw maps, provenance and JSON lines."""

import functools
import json

import jax.numpy as jnp
import numpy as np
import pytest

from jxai.run import outputs


def test_maps_round_trip(tmp_path):
    maps = {"gradient": np.arange(6, dtype=np.float32).reshape(2, 3), "half": jnp.ones(2, jnp.bfloat16)}
    outputs.save_maps(tmp_path / "m.npz", maps, {"method": "gradient", "ids": np.arange(2)})
    loaded, metadata = outputs.load_maps(tmp_path / "m.npz")
    assert metadata == {"method": "gradient", "ids": [0, 1]}
    np.testing.assert_array_equal(loaded["gradient"], maps["gradient"])
    assert loaded["half"].dtype == np.float32 and set(loaded) == set(maps)


@pytest.mark.parametrize(
    ("name", "maps", "message"),
    [
        ("m.np", {"a": np.ones(1)}, "ends in .npz"),
        ("m.npz", {"metadata_json": np.ones(1)}, "reserved"),
        ("m.npz", {"a": np.array([object()])}, "array of numbers"),
    ],
)
def test_maps_refused(tmp_path, name, maps, message):
    with pytest.raises(ValueError, match=message):
        outputs.save_maps(tmp_path / name, maps, {})
    assert list(tmp_path.iterdir()) == []


def test_fingerprint_sees_names_types_shapes_and_values():
    tree = {"w": np.zeros(4, np.float32)}
    assert outputs.fingerprint(tree) == outputs.fingerprint({"w": jnp.zeros(4, jnp.float32)})
    others = [{"v": tree["w"]}, {"w": np.zeros(4, np.int32)}, {"w": np.zeros((2, 2), np.float32)}]
    others.append({"w": np.array([0, 0, 0, 1e-30], np.float32)})
    assert len({outputs.fingerprint(other) for other in [tree, *others]}) == 5


def test_provenance_is_json(tmp_path):
    record = outputs.provenance(
        method="smoothgrad",
        arguments={"samples": 16, "explain": functools.partial(sum), "sigma": np.float32(0.5)},
        params={"w": np.ones(2)},
        data=np.ones(3),
        seed=7,
        seconds=1.5,
        target="top",
    )
    outputs.write_json(tmp_path / "p.json", record)
    read = json.loads((tmp_path / "p.json").read_text())
    assert read["arguments"] == {"samples": 16, "explain": "partial", "sigma": 0.5}
    assert read["params_sha256"] == outputs.fingerprint({"w": np.ones(2)})
    assert read["versions"]["jax"] and len(read["devices"]) == 4
    assert (read["seed"], read["baseline"], read["target"]) == (7, None, "top")


def test_write_json_refuses(tmp_path):
    with pytest.raises(TypeError, match="JSON"):
        outputs.write_json(tmp_path / "p.json", {"x": {1, 2}})
    assert list(tmp_path.iterdir()) == []


def test_lines(tmp_path):
    file = tmp_path / "m.jsonl"
    assert outputs.read_lines(file) == []
    for epoch in range(3):
        outputs.append_line(file, {"epoch": epoch, "loss": np.float32(0.5)})
    assert [line["epoch"] for line in outputs.read_lines(file)] == [0, 1, 2]
    with open(file, "a") as half:
        half.write('{"epoch": 3, "lo')  # cut off by a kill
    assert len(outputs.read_lines(file)) == 3
    outputs.keep_lines(file, outputs.read_lines(file)[:2])
    assert file.read_text() == '{"epoch": 0, "loss": 0.5}\n{"epoch": 1, "loss": 0.5}\n'


def test_a_damaged_line_is_an_error(tmp_path):
    (tmp_path / "m.jsonl").write_text('{"a": 1}\nnonsense\n{"a": 2}\n')
    with pytest.raises(ValueError, match="JSON object on every line"):
        outputs.read_lines(tmp_path / "m.jsonl")
