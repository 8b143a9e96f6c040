"""The command line: `jxai demo | explain | deliberate | describe | text | study | train | list`."""

import importlib
import os
import sys
from collections.abc import Sequence

import tyro

from jxai.cli.moved import new_name
from jxai.cli.settings.commands import MODULES, Command

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> None:
    """Run a command.

    A user's mistake gets one line on standard error and exit code 2; `JXAI_TRACEBACK=1` shows where it arose.

    Args:
        args: the arguments; None takes those of the process.
    """
    args = sys.argv[1:] if args is None else list(args)
    if line := new_name(args):
        print(f"jxai: {line}", file=sys.stderr)
        raise SystemExit(2)
    command = tyro.cli(Command, prog="jxai", description="Explainable AI in JAX.", args=args)  # type: ignore[call-overload]
    try:
        importlib.import_module(f"jxai.cli.{MODULES[type(command)]}").run(command)
    except (ValueError, TypeError, OSError, NotImplementedError) as error:
        if os.environ.get("JXAI_TRACEBACK"):
            raise
        print(f"jxai: {' '.join(str(error).split())}", file=sys.stderr)
        raise SystemExit(2) from error
    except KeyboardInterrupt:
        print("jxai: interrupted", file=sys.stderr)
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
