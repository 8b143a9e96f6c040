"""MPII Human Pose with the explanations of ACT-X, from its folder."""

__all__: list[str] = []
