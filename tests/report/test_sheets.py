"""Contact sheets."""

import numpy as np
import pytest

from jxai.report.sheets import grid


def test_grid_shows_every_picture():
    colours = np.array([[[200, 0, 0], [0, 200, 0], [0, 0, 200]], [[200, 200, 0], [0, 200, 200], [200, 0, 200]]])
    rows = [[np.broadcast_to(c, (9, 9, 3)).astype(np.uint8) for c in row] for row in colours]
    sheet = grid(rows, columns=["a", "b", "c"], labels=["first", "second"], side=0.6, dpi=100)
    assert sheet.dtype == np.uint8 and sheet.shape == (120, 180, 3)
    for i, j in np.ndindex(2, 3):
        found = np.argwhere((np.abs(sheet.astype(int) - colours[i, j]) < 12).all(-1))
        assert len(found) > 300
        middle = found.mean(0) / sheet.shape[:2]
        assert int(middle[0] * 2) == i and int(middle[1] * 3) == j


def test_grid_takes_rows_of_different_lengths():
    picture = np.zeros((4, 4, 3), np.uint8)
    assert grid([[picture], [picture, picture]], side=0.5, dpi=40).shape == (40, 40, 3)


def test_grid_refuses():
    with pytest.raises(ValueError, match="expected pictures"):
        grid([])
    with pytest.raises(ValueError, match="got 1 and 0"):
        grid([[np.zeros((4, 4, 3), np.uint8)] * 2], columns=["one"])
