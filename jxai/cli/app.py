"""The command line: `jxai demo | explain | text | study | train | list`."""

import os
import sys
from collections.abc import Sequence

import tyro

from jxai.cli.settings.commands import Command, Demo, Explain, Study, Train
from jxai.cli.settings.text import Text
from jxai.extras import MissingExtra

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> None:
    """Run a command.

    A user's mistake gets one line on standard error and exit code 2; `JXAI_TRACEBACK=1` shows where it arose.

    Args:
        args: the arguments; None takes those of the process.
    """
    command = tyro.cli(Command, prog="jxai", description="Explainable AI in JAX.", args=args)  # type: ignore[call-overload]
    try:
        _run(command)
    except (ValueError, TypeError, OSError, NotImplementedError, MissingExtra) as error:
        if os.environ.get("JXAI_TRACEBACK"):
            raise
        print(f"jxai: {' '.join(str(error).split())}", file=sys.stderr)
        raise SystemExit(2) from error
    except KeyboardInterrupt:
        print("jxai: interrupted", file=sys.stderr)
        raise SystemExit(130) from None


def _run(command: Command) -> None:
    # each imports what it needs: `jxai --help` waits for none of it
    if isinstance(command, Explain):
        from jxai.cli import explain

        explain.run(command)
    elif isinstance(command, Demo):
        from jxai.cli import demo

        demo.run(command)
    elif isinstance(command, Text):
        from jxai.cli import text

        text.run(command)
    elif isinstance(command, Study):
        from jxai.cli import study

        study.run(command)
    elif isinstance(command, Train):
        from jxai.cli import train_classifier as train

        train.run(command)
    else:
        from jxai.cli import listing

        listing.run(command)


if __name__ == "__main__":
    main()
