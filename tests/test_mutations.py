"""The mutants of `tests/mutations.py` can still be made: what they change stands in its file, once."""

import pytest

from tests.mutations import MUTANTS, ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_the_text_stands_once_in_its_file(mutant):
    assert mutant.old != mutant.new
    assert (ROOT / "jxai" / mutant.file).read_text().count(mutant.old) == 1
