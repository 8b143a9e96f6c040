"""What people do in scenes: which objects it takes, where they are, and how it is said."""

from typing import NamedTuple

import numpy as np

from jxai.data.wording import pick

__all__ = ["ACTIVITIES", "ACTIVITY_NAMES", "Activity", "choose", "found_needs"]


class Activity(NamedTuple):
    """Something that a person does.

    Fields:
        needs: The objects that it takes; of alternatives the first that is there. The person is at the first object.
        pose: How the person is drawn.
        place: Where: `before`, `behind`, `on` or `beside` the first object.
        said: What follows the subject; `{0}` is the first object, `{1}` the second.
    """

    needs: tuple[tuple[str, ...], ...]
    pose: str
    place: str
    said: tuple[str, ...]


_GROUNDS = ("sidewalk", "sand", "grass", "field", "earth")
ACTIVITIES: dict[str, Activity] = {
    "cooking": Activity(
        (("stove",),),
        "reach",
        "beside",
        (
            "is cooking on the {0}",
            "prepares a meal at the {0}",
            "stands at the {0} and cooks",
            "is making soup on the {0}",
        ),
    ),
    "washing up": Activity(
        (("sink",),),
        "reach",
        "beside",
        ("is washing up at the {0}", "does the dishes in the {0}", "is rinsing plates in the {0}"),
    ),
    "opening the refrigerator": Activity(
        (("refrigerator",),),
        "reach",
        "beside",
        ("is opening the {0}", "takes milk out of the {0}", "looks for food in the {0}"),
    ),
    "eating": Activity(
        (("table",),),
        "sit front",
        "behind",
        ("is eating at the {0}", "has a meal at the {0}", "sits at the {0} and eats"),
    ),
    "reading": Activity((("book",),), "hold", "with", ("is reading a {0}", "reads a {0}", "holds a {0} and reads")),
    "resting": Activity(
        (("sofa",),), "sit front", "on", ("is resting on the {0}", "sits on the {0}", "relaxes on the {0}")
    ),
    "watching television": Activity(
        (("television",),), "back", "before", ("is watching the {0}", "looks at the {0}", "watches a film on the {0}")
    ),
    "sleeping": Activity(
        (("bed",),), "lie", "on", ("is sleeping in the {0}", "lies in the {0}", "is taking a nap in the {0}")
    ),
    "working at a computer": Activity(
        (("computer",), ("desk", "table")),
        "back",
        "before",
        ("is working at the {0} on the {1}", "types on the {0}", "writes a letter at the {0} on the {1}"),
    ),
    "writing on the blackboard": Activity(
        (("blackboard",),),
        "write",
        "before",
        ("is writing on the {0}", "explains something at the {0}", "draws a figure on the {0}"),
    ),
    "watering a plant": Activity(
        (("plant",),),
        "reach",
        "beside",
        ("is watering the {0}", "takes care of the {0}", "bends to the {0} with a can"),
    ),
    "looking for something to read": Activity(
        (("bookcase",),),
        "reach up",
        "beside",
        ("is looking through the {0}", "searches the {0}", "takes a novel from the {0}"),
    ),
    "looking out of the window": Activity(
        (("window",),),
        "back",
        "before",
        ("is looking out of the {0}", "stands at the {0} and looks out", "gazes through the {0}"),
    ),
    "walking": Activity(
        (_GROUNDS,), "walk", "on", ("is walking on the {0}", "takes a walk across the {0}", "strolls over the {0}")
    ),
    "crossing the road": Activity(
        (("road",),),
        "walk",
        "on",
        ("is crossing the {0}", "walks across the {0}", "is on the way to the other side of the {0}"),
    ),
    "cycling": Activity((("bicycle",),), "ride", "on", ("is riding a {0}", "rides a {0}", "is cycling along on a {0}")),
    "sitting on a bench": Activity(
        (("bench",),), "sit front", "on", ("is sitting on the {0}", "takes a rest on the {0}", "sits down on the {0}")
    ),
    "playing with a ball": Activity(
        (("ball",),), "kick", "beside", ("is playing with a {0}", "kicks a {0}", "runs after a {0}")
    ),
    "feeding an animal": Activity(
        (("animal",),), "reach", "beside", ("is feeding the {0}", "looks after the {0}", "gives hay to the {0}")
    ),
    "sitting under an umbrella": Activity(
        (("umbrella",),),
        "sit front",
        "on",
        ("is sitting under the {0}", "enjoys the shade of the {0}", "rests in the shade of the {0}"),
    ),
    "swimming": Activity(
        (("water",),), "swim", "on", ("is swimming in the {0}", "takes a bath in the {0}", "swims in the {0}")
    ),
    "steering a boat": Activity(
        (("boat",), ("water",)), "stand", "on", ("is steering the {0}", "stands in the {0}", "goes out in the {0}")
    ),
    "hiking": Activity(
        (("mountain",),),
        "hike",
        "before",
        ("is hiking towards the {0}", "walks in view of the {0}", "is on a hike below the {0}"),
    ),
    "leaning on a fence": Activity(
        (("fence",),), "stand", "beside", ("is leaning on the {0}", "stands at the {0}", "waits by the {0}")
    ),
    "washing a car": Activity(
        (("car",),), "reach", "beside", ("is washing the {0}", "cleans the {0}", "polishes the {0}")
    ),
    "waiting at a light": Activity(
        (("traffic light", "streetlight"),),
        "stand",
        "beside",
        ("is waiting at the {0}", "stands by the {0}", "waits next to the {0}"),
    ),
}
"""The activities by name."""
ACTIVITY_NAMES = ("none", *ACTIVITIES)
"""The names of the numbers that examples give; 0 is none."""


def found_needs(activity: Activity, kinds: dict[str, int]) -> tuple[str, ...] | None:
    """The objects that an activity takes, as they are there; None where one is missing."""
    first = [next((kind for kind in options if kind in kinds), None) for options in activity.needs]
    return None if None in first else tuple(str(kind) for kind in first)


def choose(kinds: dict[str, int], rng: np.random.Generator) -> tuple[str, tuple[str, ...]] | None:
    """An activity for which all objects are there, with these objects; None where there is nobody, or nothing to do."""
    possible = [(name, needs) for name, act in ACTIVITIES.items() if (needs := found_needs(act, kinds)) is not None]
    return pick(possible, rng) if possible and "person" in kinds else None
