"""What the command line says of maps without content, and of models with one class."""

import numpy as np
import pytest

from jxai.core.errors import SaysNothing
from jxai.pipelines.devices import say_zeros
from jxai.pipelines.targets import runner_up


def test_maps_of_zeros_are_counted_and_said():
    maps = np.zeros((3, 2, 2))
    with pytest.warns(SaysNothing, match="the map is zero everywhere in 3 of 3 cases of lime: the score"):
        say_zeros(maps, "lime")
    maps[1, 0, 1] = -1e-9
    with pytest.warns(SaysNothing, match="in 2 of 3 cases of lime"):
        say_zeros(maps, "lime")
    say_zeros(maps[1:2], "lime")


def test_the_likeliest_other_class():
    assert runner_up(np.array([3.0, 1.0, 2.0]), 0) == 2 and runner_up(np.array([3.0, 1.0, 2.0]), 2) == 0
    assert runner_up(np.array([3.0]), 0) == 0, "there is no other"
