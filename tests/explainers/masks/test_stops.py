"""The stop rule of the passages of a text, on either side of each of its thresholds."""

import jax.numpy as jnp
import pytest

from jxai.explainers.masks.stops import stop_each_when_converged

EDGES = [  # the number at the last look and now, the step, whether the part ends
    (0.1650, 0.15, 300, False),  # below 0.2 a change of 1/80 is still one
    (0.1630, 0.15, 300, False),
    (0.1624, 0.15, 300, True),
    (0.1376, 0.15, 300, True),  # growing or shrinking
    (0.1370, 0.15, 300, False),
    (0.2124, 0.201, 300, False),  # from 0.2 on it must be less than 1/200
    (0.2051, 0.2, 300, False),
    (0.2049, 0.2, 300, True),
    (0.2990, 0.299, 100, True),  # below 0.3 at any look
    (0.3010, 0.301, 100, False),
    (0.3010, 0.301, 200, True),  # and from step 199 on below 0.45
    (0.4490, 0.449, 200, True),
    (0.4510, 0.451, 200, False),
    (0.1500, 0.15, 220, False),  # no look
    (0.1500, 0.15, 0, False),
]


@pytest.mark.parametrize(("before", "now", "step", "ends"), EDGES)
def test_edges(before, now, step, ends):
    stop = stop_each_when_converged(lambda params: params)
    memory = stop.init(jnp.array([before, 0.9]))
    _, done = stop.update(memory, jnp.array([now, 0.5]), jnp.zeros(2), jnp.asarray(step))
    assert done.tolist() == [ends, False]


def test_the_number_is_remembered_from_look_to_look_and_an_end_is_one():
    stop = stop_each_when_converged(lambda params: params, every=10, after=1)
    memory = stop.init(jnp.array([0.5]))
    ended = []
    for step, value in ((5, 0.4), (10, 0.4), (15, 0.3), (20, 0.3), (25, 0.4), (30, 0.3), (40, 0.6)):
        memory, done = stop.update(memory, jnp.array([value]), jnp.zeros(1), jnp.asarray(step))
        ended.append(bool(done[0]))
    assert ended == [False, False, False, False, False, True, True]


def test_a_look_at_the_last_step_before_which_a_part_stays():
    stop = stop_each_when_converged(lambda params: params, every=1)
    for step, ends in ((198, False), (199, True)):
        _, done = stop.update(stop.init(jnp.array([0.4])), jnp.array([0.4]), jnp.zeros(1), jnp.asarray(step))
        assert bool(done[0]) == ends
