"""Drivers over whole sets: batches on all devices, training, checkpoints, outputs. They name no method."""

__all__: list[str] = []
