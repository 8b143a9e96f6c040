"""The attribute groups of CUB's parts: as the released code of deliberative explanations lists them."""

from jxai.data.cub.parts import CUB_PARTS, PART_GROUPS, PART_RANGES

RELEASED = {  # counted from 1, the end included
    "back": "59-73,237-240",
    "beak": "1-9,150-152,279-293",
    "belly": "198-212,245-248",
    "breast": "55-58,106-120",
    "crown": "95-105,153-167,294-308",
    "forehead": "95-105,153-167",
    "left eye": "136-149,95-105",
    "left leg": "264-278",
    "left wing": "10-24,213-217,309-312",
    "nape": "183-197",
    "right eye": "136-149,95-105",
    "right leg": "264-278",
    "right wing": "10-24,213-217,309-312",
    "tail": "74-79,80-94,168-182,241-244",
    "throat": "95-105,121-135",
}


def test_ranges_are_those_of_the_released_code():
    said = [",".join(f"{start + 1}-{stop}" for start, stop in ranges) for ranges in PART_RANGES]
    assert dict(zip(CUB_PARTS, said, strict=True)) == RELEASED


def test_every_part_has_its_groups():
    assert tuple(PART_GROUPS) == CUB_PARTS
