"""The schema."""

import numpy as np
import pytest

from jxai.data.birds.draw import draw_example
from jxai.data.scenes.draw import draw_scene
from jxai.data.schema import ImageExample, SceneExample, part_mask


def test_birds_have_every_field_of_the_schema():
    assert set(draw_example("train", 0)) == set(ImageExample.__annotations__)


def test_scenes_have_the_fields_of_scenes():
    of_birds = {"parts", "box", "attributes"}
    assert set(draw_scene("train", 0)) == set(SceneExample.__annotations__) - of_birds


def test_part_masks_are_apart_and_make_up_the_object():
    example = draw_example("train", 0)
    masks = np.stack([part_mask(example, part) for part in range(15)])
    np.testing.assert_array_equal(masks.sum(0), example["masks"] > 0)


def test_a_set_without_masks():
    with pytest.raises(ValueError, match="no part masks"):
        part_mask({"image": np.zeros((2, 2, 3), np.uint8), "label": 0, "id": 0}, 0)
