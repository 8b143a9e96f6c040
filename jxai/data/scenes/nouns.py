"""How the objects of scenes are called."""

__all__ = ["NOUNS"]

NOUNS: dict[str, tuple[str, ...]] = {
    "wall": ("wall",), "floor": ("floor",), "ceiling": ("ceiling",), "window": ("window",), "door": ("door",),
    "painting": ("painting", "picture"), "blackboard": ("blackboard", "board"), "rug": ("rug", "carpet"),
    "table": ("table",), "chair": ("chair",), "sofa": ("sofa", "couch"), "bed": ("bed",), "desk": ("desk",),
    "cabinet": ("cabinet", "cupboard"), "bookcase": ("bookcase", "bookshelf"), "lamp": ("lamp",),
    "computer": ("computer",), "television": ("television", "TV"), "stove": ("stove", "cooker"),
    "refrigerator": ("refrigerator", "fridge"), "sink": ("sink",), "plant": ("plant",), "book": ("book",),
    "sky": ("sky",), "building": ("building",), "road": ("road",), "sidewalk": ("pavement", "sidewalk"),
    "grass": ("grass", "lawn"), "earth": ("ground",), "sand": ("sand",), "field": ("field",), "water": ("water",),
    "mountain": ("mountain",), "tree": ("tree",), "car": ("car",), "truck": ("truck", "lorry"),
    "streetlight": ("streetlight",), "traffic light": ("traffic light",), "bench": ("bench",),
    "fence": ("fence",), "boat": ("boat",), "umbrella": ("parasol", "umbrella"), "animal": ("animal",),
    "bicycle": ("bicycle", "bike"), "ball": ("ball",), "rock": ("rock",),
}  # fmt: skip
"""The words for each kind of object but people."""
