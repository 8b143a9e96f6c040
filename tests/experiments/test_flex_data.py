"""What explainers in words are trained on: pictures with captions, divided, and their words."""

import numpy as np
import pytest

from jxai.data.activities import activities
from jxai.data.birds.source import birds_meta
from jxai.data.images import ImageSource
from jxai.data.scenes.source import scenes_meta
from jxai.pipelines.run_data import guess_data_of_old_run
from jxai.pipelines.words.captions import captioned, held_out
from jxai.pipelines.words.lexicon import fitting_length, words_of


def source_of(rows):
    image = np.zeros((4, 4, 3), np.uint8)
    return [{"image": image, "label": k % 2, "id": k, "captions": captions} for k, captions in enumerate(rows)]


def test_pictures_without_captions_are_left_out():
    rows = source_of([["a red bird"], [], ["", "..."], ["a crown.", ""]])
    del rows[1]["captions"]
    found = captioned(rows, offset=1)
    assert found.left_out == 2 and found.captions == [["a red bird"], ["a crown."]]
    assert found.labels.tolist() == [1, 2] and found.places.tolist() == [0, 3]
    with pytest.raises(ValueError, match="none of the 1 pictures has a caption"):
        captioned(source_of([[]]))
    rows[0]["image"] = np.zeros((5, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="pictures of one size"):
        captioned(rows)


def test_held_out_classes_are_apart():
    data = captioned(source_of([["a bird"]] * 4))
    seen, unseen = held_out({"train": data}, [1])
    assert seen["train"].labels.tolist() == [0, 0] and unseen["train"].places.tolist() == [1, 3]
    with pytest.raises(ValueError, match="0 of 4 pictures"):
        held_out({"train": data}, [5])


def test_a_vocabulary_needs_nouns():
    with pytest.raises(ValueError, match="noun"):
        words_of(captioned(source_of([["it is and was"]] * 3)), least=1)
    assert fitting_length(["a bird"] * 99 + ["a b c d e f g"]) == 3


def test_scenes_by_what_people_do(tmp_path):
    meta = scenes_meta()
    rows = [{"label": 3, "activity": k, "id": k} for k in (0, 4, 2)]
    options = {"split": "train", "folder": tmp_path, "read": lambda row: row}
    found = activities(ImageSource(rows, meta=meta, **options))
    assert [found.meta.classes[row["label"]] for row in found] == [meta.activities[4], meta.activities[2]]
    assert guess_data_of_old_run(list(found.meta.classes)).name == "activities" and found[0]["activity"] == 4
    with pytest.raises(ValueError, match="nobody does anything"):
        activities(ImageSource(rows[:1], meta=meta, **options))
    with pytest.raises(ValueError, match="scenes with activities"):
        activities(ImageSource(rows, meta=birds_meta(6), **options))
