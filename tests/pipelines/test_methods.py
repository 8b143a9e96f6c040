"""What the command line hands to the methods where the user names nothing."""

import dataclasses
import functools

import jax
import pytest

import jxai
from jxai.methods import METHODS
from jxai.models import small_cnn
from jxai.pipelines.methods import attribution
from jxai.pipelines.options import Options


@pytest.mark.parametrize(
    "size, chunk, platform, expected",
    [(128, None, "cpu", 2), (64, None, "cpu", None), (128, None, "gpu", None), (128, 8, "cpu", 8), (64, 1, "cpu", 1)],
)
def test_evaluations_side_by_side(monkeypatch, size, chunk, platform, expected):
    asked = []

    @functools.wraps(jxai.integrated_gradients)
    def recorded(score, **settings):
        asked.append(settings.get("chunk"))
        return integrated_gradients(score, **settings)

    integrated_gradients = jxai.integrated_gradients
    row = dataclasses.replace(METHODS["integrated_gradients"], function=recorded)
    monkeypatch.setitem(METHODS, "integrated_gradients", row)
    monkeypatch.setattr(jax, "default_backend", lambda: platform)
    attribution("integrated_gradients", small_cnn(classes=3, size=size), Options(chunk=chunk), {})
    assert asked == [expected]


@pytest.mark.parametrize("size", [64, 128])
def test_no_evaluations_side_by_side_are_refused(size):
    with pytest.raises(ValueError, match="chunk must be above zero"):
        attribution("integrated_gradients", small_cnn(classes=3, size=size), Options(chunk=0), {})
