"""Long texts in passages: whole, in bounds, overlapping; joined again linearly."""

import numpy as np
import pytest

from jxai.signal.passages import blend, cut

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("words", [1, 250, 400, 500, 520, 700, 1300])
@pytest.mark.parametrize("pieces", ["one", "several"])
def test_passages_cover_the_text_fit_the_model_and_overlap(words, pieces):
    sizes = np.ones(words, int) if pieces == "one" else RNG.integers(1, 6, words)
    passages = cut(sizes)
    tokens = [sizes[p.start : p.stop].sum() for p in passages]
    assert passages[0].start == 0 and passages[-1].stop == words
    assert all(0 < n <= 510 for n in tokens)
    assert (len(passages) == 1) == (sizes.sum() <= 510)
    for before, after in zip(passages, passages[1:], strict=False):
        assert before.start < after.start <= before.stop < after.stop
        common = sizes[after.start : before.stop].sum()
        assert common >= 100 or tokens[passages.index(after)] + sizes[after.start - 1] > 510
    if len(passages) > 1:
        assert tokens[-1] >= 480 or tokens[-1] + sizes[passages[-1].start - 1] > 510


def test_word_by_word():
    """Words of one token: 500, then 400 new ones and 100 old ones; the last goes back to 480, or takes 100 in."""
    assert cut([1] * 1100) == [range(500), range(400, 900), range(620, 1100)]
    assert cut([1] * 1000) == [range(500), range(490, 1000)]


def test_a_short_last_passage_joins_the_one_before():
    options = {"length": 10, "first": 8, "later": 6, "overlap": 2, "shortest": 9}
    assert cut([1] * 15, **options) == [range(8), range(6, 15)]  # 8 + 6 + 1: the last token joins the six
    assert cut([1] * 17, **options) == [range(8), range(6, 14), range(8, 17)]


def test_blend_is_linear_in_the_overlap():
    one, two = RNG.normal(size=6), RNG.normal(size=7)
    got = blend([one, two], [range(6), range(2, 9)])
    share = np.arange(4) / 4
    np.testing.assert_allclose(got[:2], one[:2])
    np.testing.assert_allclose(got[2:6], (1 - share) * one[2:] + share * two[:4])
    np.testing.assert_allclose(got[6:], two[4:])


def test_equal_masks_blend_to_themselves():
    whole = RNG.normal(size=1300)
    passages = cut([1] * 1300)
    padded = [np.append(whole[p.start : p.stop], 9.0) for p in passages]  # what pads a mask is not looked at
    np.testing.assert_allclose(blend(padded, passages), whole, rtol=1e-12)


def test_what_cannot_be_cut_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        cut([])
    with pytest.raises(ValueError, match="words of at most 510 tokens"):
        cut([3, 511])
    with pytest.raises(ValueError, match="must fit length"):
        cut([1], later=480)
    with pytest.raises(ValueError, match="a mask of 2 words came for a passage of 3"):
        blend([np.ones(2)], [range(3)])
