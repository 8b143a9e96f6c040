"""Methods that switch groups of features on and off: ablation, RISE, LIME, KernelSHAP, Shapley and Owen values."""

__all__: list[str] = []
