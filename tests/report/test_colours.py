"""The colour maps: symmetric, monotone in lightness, and far apart for colour-blind eyes."""

import numpy as np
import pytest

from jxai.report.colours import DIVERGING, PALETTE, SEQUENTIAL, css_gradient

DEUTERANOPIA = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])  # Machado et al. 2009


def linear(colours):
    colours = np.asarray(colours)[..., :3]
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def luminance(colours):
    return linear(colours) @ [0.2126, 0.7152, 0.0722]


def test_diverging_is_white_in_the_middle_and_darkens_evenly_to_both_sides():
    levels = np.linspace(0, 1, 511)
    light = luminance(DIVERGING(levels))
    np.testing.assert_array_equal(DIVERGING(0.5)[:3], 1.0)
    assert (np.diff(light[:256]) > 0).all() and (np.diff(light[255:]) < 0).all()
    np.testing.assert_allclose(np.cbrt(light), np.cbrt(light[::-1]), atol=0.07)


def test_sequential_lightens_monotonously():
    assert (np.diff(luminance(SEQUENTIAL(np.arange(256)))) > 0).all()


@pytest.mark.parametrize("sight", [np.eye(3), DEUTERANOPIA])
def test_the_two_signs_differ_for_colour_blind_eyes(sight):
    against, favour = (linear(DIVERGING(level)) @ sight.T for level in (0.2, 0.8))
    assert np.abs(against - favour).max() > 0.25


def test_palette_and_gradient():
    assert len(set(PALETTE)) == 8
    assert css_gradient(SEQUENTIAL, stops=2) == "linear-gradient(to right, #000004, #fcffa4)"
