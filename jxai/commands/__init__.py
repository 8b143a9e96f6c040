"""What the command line does: `demo`, `explain`, `train`, `list`."""
