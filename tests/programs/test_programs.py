"""Two hundred random programs, a part for each check; hypothesis makes a failing one small and prints it.

`python -m tests.programs 0 5000` tries thousands; `--program "Program(...)"` repeats the printed one.
"""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.programs.drawing import programs
from tests.programs.table import CHECKS

pytestmark = [pytest.mark.unchecked, pytest.mark.usefixtures("as_written")]


def _suite(name: str):
    check = CHECKS[name]

    @settings(
        max_examples=check.examples,
        derandomize=True,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(program=programs(**check.fixed))
    def run(program):
        check.run(program)

    return run


@pytest.mark.parametrize("name", CHECKS)
def test_programs(name):
    _suite(name)()


def test_the_suite_has_two_hundred_programs():
    assert sum(check.examples for check in CHECKS.values()) >= 200
