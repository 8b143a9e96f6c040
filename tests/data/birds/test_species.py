"""The species: families, names, and class x attribute percentages against what is drawn."""

import itertools

import numpy as np
import pytest

from jxai.data.birds.attributes import ATTRIBUTE_NAMES, GROUPS, PARTS
from jxai.data.birds.species import FAMILY, attribute_vector, birds_meta, draw_values, species_list


def test_names_are_distinct_and_the_list_only_grows():
    names = [one.name for one in species_list(200)]
    assert len(set(names)) == 200
    assert names[:20] == [one.name for one in species_list(20)]


def test_members_of_a_family_differ_in_one_to_three_attributes():
    every = species_list(200)
    for first in range(0, 200, FAMILY):
        for a, b in itertools.combinations(every[first : first + FAMILY], 2):
            assert a.family == b.family
            assert 1 <= sum(a.typical[group] != b.typical[group] for group in a.typical) <= 3


def test_families_differ_in_more_or_in_body_plan():
    every = species_list(200)[::FAMILY]
    for a, b in itertools.combinations(every, 2):
        assert sum(a.typical[group] != b.typical[group] for group in a.typical) >= 4 or a.build != b.build


def test_percentages_match_what_is_drawn():
    meta, draws = birds_meta(20), 1500
    for label in (5, 18):
        rng = np.random.default_rng(label)
        found = 100 * np.mean([attribute_vector(draw_values(species_list(20)[label], rng)) for _ in range(draws)], 0)
        deviation = 100 * np.sqrt(0.25 / draws)  # at most, of a share
        assert np.abs(found - meta.class_attributes[label]).max() < 4 * deviation


def test_a_bird_has_one_value_of_each_drawn_group():
    values = draw_values(species_list(20)[3], np.random.default_rng(0))
    present = {name for name, a in zip(ATTRIBUTE_NAMES, attribute_vector(values), strict=True) if a}
    assert {f"{group}::{value}" for group, value in values.items()} <= present
    uppers = {f"has_upperparts_color::{values[g]}" for g in ("has_back_color", "has_wing_color")}
    assert {name for name in present if name.startswith("has_upperparts")} == uppers


def test_metadata_has_the_layout_of_cub():
    meta = birds_meta(20)
    assert len(meta.attribute_names) == 312 and len(GROUPS) == 28 and len(meta.part_names) == 15
    assert meta.class_attributes.shape == (20, 312)
    assert 0 <= meta.class_attributes.min() and meta.class_attributes.max() <= 100
    assert set(meta.attribute_parts) == {name.split("::")[0] for name in meta.attribute_names}
    assert {part for parts in meta.attribute_parts.values() for part in parts} == set(PARTS)


def test_attribute_names_are_those_of_cub(shared_data):
    with np.load(shared_data / "cub" / "cub_annotations.npz") as cub:
        assert tuple(cub["attribute_names"].tolist()) == ATTRIBUTE_NAMES
    lines = (shared_data / "cub" / "parts.txt").read_text().splitlines()
    assert tuple(line.split("#")[-1].split(maxsplit=0)[0].strip() for line in lines if line) == PARTS


@pytest.mark.parametrize("species", [1, 201])
def test_too_few_or_many_species(species):
    with pytest.raises(ValueError, match="expected 2 to 200 species"):
        species_list(species)
