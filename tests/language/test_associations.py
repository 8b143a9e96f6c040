"""The words of channels: the authors' statistic, cases by hand, and transformations."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.language import Associations, Vocabulary, associate, associations, cooccurrence, flatten, rows, widths
from tests.paths import FIXTURES
from tests.references.words import counts_of

FIXTURE = np.load(FIXTURES / "flex_relevance.npz")


def test_statistic_of_the_authors_program():
    """`cooc`, counts of 7 channels and 11 words, to `cooc_stat`, exactly."""
    cooc = jnp.asarray(FIXTURE["cooc"])
    found = associate(cooc, None, None, content=jnp.ones(11, bool), variant="released")
    np.testing.assert_array_equal(found.table, FIXTURE["cooc_stat"])
    np.testing.assert_array_equal(found.word, FIXTURE["cooc_stat"].argmax(1))  # a row of zeros has index 0
    assert found.word[2] == 0


def test_the_variants_can_choose_different_words():
    differ = False
    for seed in range(20):
        chosen, mentioned, content = counts_of(seed)
        one, other = (associations(chosen, mentioned, content=content, variant=v).word for v in ("paper", "released"))
        differ |= bool((one != other).any())
    assert differ


def test_dice_of_a_case_by_hand():
    """V in images 0, 1, 2; w in images 1, 2, 3, 4: 2 * 2 / (3 + 4)."""
    chosen = np.array([[1], [1], [1], [0], [0]], bool)
    mentioned = np.zeros((5, 3), bool)
    mentioned[1:, 2] = True
    found = associations(chosen, mentioned, content=np.array([False, False, True]))
    assert found.score[0] == 4 / 7 and found.support[0] == 2 and found.word[0] == 2


def test_words_that_are_no_content_describe_nothing():
    chosen, mentioned, content = counts_of()
    found = associations(chosen, mentioned, content=content)
    assert content[np.asarray(found.word)[np.asarray(found.word) > 0]].all()
    assert not found.table[:, ~content].any()


def test_a_set_in_batches():
    chosen, mentioned, content = counts_of()
    whole = associations(chosen, mentioned, content=content)
    cut = [slice(0, 7), slice(7, 30), slice(30, None)]
    occur = sum(cooccurrence(chosen[part], mentioned[part]) for part in cut)
    counts = (sum(jnp.asarray(a[part].sum(0), float) for part in cut) for a in (chosen, mentioned))
    for one, other in zip(whole, associate(occur, *counts, content=content), strict=True):
        np.testing.assert_array_equal(one, other)


def test_many_sets_side_by_side():
    sets = [counts_of(seed) for seed in range(3)]
    stacked = [jnp.asarray(np.stack(part)) for part in zip(*sets, strict=True)]
    many = jax.vmap(lambda a, b, c: associations(a, b, content=c))(*stacked)
    for i, (chosen, mentioned, content) in enumerate(sets):
        np.testing.assert_array_equal(many.table[i], associations(chosen, mentioned, content=content).table)


def test_the_order_of_the_channels():
    by_layer = {"conv2": jnp.array([[2, 3], [7, 8]]), "conv10": jnp.array([[1], [6]])}
    assert flatten(by_layer).tolist() == [[1, 2, 3], [6, 7, 8]]  # by name, as jit returns it
    assert flatten(jax.jit(lambda a: a)(by_layer)).tolist() == flatten(by_layer).tolist()
    assert flatten(by_layer, ("conv2", "conv10")).tolist() == [[2, 3, 1], [7, 8, 6]]
    assert list(widths(by_layer).items()) == [("conv10", 1), ("conv2", 2)]
    assert list(widths(by_layer, ("conv2", "conv10")).items()) == [("conv2", 2), ("conv10", 1)]
    with pytest.raises(ValueError, match="expected arrays of the layers"):
        flatten(by_layer, ("conv3",))
    with pytest.raises(ValueError, match="expected arrays of the layers"):
        widths({})


def test_the_table_to_read():
    words = Vocabulary(("<s>", "<unk>", ".", "red", "wing"), 2)
    found = Associations(
        jnp.array([4, 0, 3]), jnp.array([0.5, 0.0, 0.25]), jnp.array([7.0, 0.0, 1.0]), jnp.zeros((3, 5))
    )
    table = rows(found, words, {"first": 2, "last": 1})
    assert [tuple(row) for row in table] == [
        ("first", 0, "wing", 0.5, 7), ("first", 1, "", 0.0, 0), ("last", 0, "red", 0.25, 1),
    ]  # fmt: skip
    for channels, vocabulary in (({"first": 2}, words), ({"first": 3}, words._replace(words=words.words[:4]))):
        with pytest.raises(ValueError, match="the associations are of 3 channels and 5 words"):
            rows(found, vocabulary, channels)


@pytest.mark.unchecked
def test_bad_input():
    chosen, mentioned, content = counts_of()
    with pytest.raises(ValueError, match="of the same n images"):
        associations(chosen[1:], mentioned, content=content)
    with pytest.raises(ValueError, match="of the same n images"):
        associations(chosen[0], mentioned[0], content=content)
    with pytest.raises(ValueError, match=r"content is \[D\]"):
        associations(chosen, mentioned, content=content[1:])
    with pytest.raises(ValueError, match="no word is a content word"):
        associations(chosen, mentioned, content=np.zeros_like(content))
    with pytest.raises(ValueError, match='variant must be "paper" or "released"'):
        associations(chosen, mentioned, content=content, variant="dice")
