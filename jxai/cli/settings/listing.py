"""The settings of `jxai list`: none."""

import dataclasses

__all__ = ["Listing"]


@dataclasses.dataclass(frozen=True)
class Listing:
    """List the methods, models and data sets that can be named."""
