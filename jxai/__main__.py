"""`jxai` and `python -m jxai`: the command line, where the extra that it needs is installed."""

import sys

from jxai.extras import MissingExtra, needs

__all__ = ["main"]


def main() -> None:
    """Run the command line, or say which extra of jxai brings it."""
    try:
        with needs("app"):
            from jxai.cli.app import main as run
    except MissingExtra as error:
        print(f"jxai: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    run()


if __name__ == "__main__":
    main()
