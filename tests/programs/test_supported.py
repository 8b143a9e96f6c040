"""A test behind every row of the page "What programs are supported"."""

import re
from functools import partial

import jax
import numpy as np
import pytest

import jxai
from jxai.core.errors import MissingRule
from tests.pages import PAGES
from tests.programs.sums import PROPORTIONAL
from tests.programs.supported import REFUSED, ROWS
from tests.references.example import vector

pytestmark = [pytest.mark.unchecked, pytest.mark.usefixtures("as_written")]
X, B, W = vector((3, 4), 1), vector((3, 4), 2), vector((4, 4), 3)
METHODS = {
    "gradient": lambda score: jxai.gradient(score)(X, W),
    "lrp": lambda score: jxai.lrp(score, composite=PROPORTIONAL)(X, W),
    "deep_lift": lambda score: jxai.deep_lift(score)(X, W, baseline=B),
}


def test_the_page_has_these_rows():
    page = (PAGES / "howto" / "programs.md").read_text()
    tables = [re.findall(r"^\| (.*?) \|", part, re.MULTILINE) for part in page.split("## ")]
    rows = [name for table in tables for name in table[1:]]  # without the head; the rule below it does not match
    assert rows == [*ROWS, *REFUSED]


@pytest.mark.parametrize("name", ROWS)
def test_a_supported_program(name):
    row = ROWS[name]
    if row.plain is None:
        total = jxai.deep_lift(row.written)(X, W, baseline=B).sum()
        difference = row.written(X, W) - row.written(B, W)
        assert abs(difference) > 1e-6 and float(total) == pytest.approx(float(difference), rel=1e-7)
        return
    np.testing.assert_allclose(row.written(X, W), row.plain(X, W), rtol=1e-9)
    for method in row.methods:
        came, right = (METHODS[method](score) for score in (row.written, row.plain))
        assert np.abs(right).max() > 1e-6
        np.testing.assert_allclose(came, right, rtol=1e-6, atol=1e-9, err_msg=method)
        np.testing.assert_allclose(jax.jit(partial(METHODS[method], row.written))(), came, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", REFUSED)
def test_a_program_that_rules_refuse(name):
    row = REFUSED[name]
    for method in row.methods:
        with pytest.raises((MissingRule, NotImplementedError), match="split|scan|where|static|known"):
            METHODS[method](row.written)
    assert np.abs(jxai.ablation(row.written)(X, W)).max() > 0
