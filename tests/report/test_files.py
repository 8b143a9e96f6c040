"""Files appear whole or not at all; images become text."""

import base64
import io
import os

import numpy as np
import pytest
from PIL import Image

from jxai.report.files import data_uri, png, write_atomically


def noise(h, w):
    return np.random.default_rng(0).integers(0, 256, (h, w, 3), dtype=np.uint8)


def decoded(uri):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))))


def test_png_is_lossless():
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png(noise(5, 7))))), noise(5, 7))


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    write_atomically(path, b"old")

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["page.html"]


def test_write_makes_folders_and_replaces(tmp_path):
    path = tmp_path / "a" / "b.txt"
    write_atomically(path, b"1")
    write_atomically(path, b"2")
    assert path.read_bytes() == b"2" and os.listdir(path.parent) == ["b.txt"]


def test_data_uri_takes_the_smaller_kind_and_reduces():
    flat = np.full((300, 600, 3), 200, np.uint8)
    assert data_uri(flat).startswith("data:image/png;base64,")
    assert data_uri(noise(64, 64)).startswith("data:image/jpeg;base64,")
    assert decoded(data_uri(flat, side=100)).shape == (50, 100, 3)
    assert decoded(data_uri(flat[:20, :30], side=100)).shape == (20, 30, 3)
    np.testing.assert_array_equal(decoded(data_uri(flat, side=100)), np.full((50, 100, 3), 200))
