"""Runs all tutorials, and puts their pictures into the documentation.

python -m experiments.tutorials [FOLDER]
"""

import pathlib
import subprocess
import sys

from PIL import Image

TUTORIALS = ("first_explanation", "relevance", "faithfulness", "rationales", "insecurities", "sentences")
PAGES = pathlib.Path("jxai/docs/pages/tutorials")


def main(folder: pathlib.Path) -> None:
    """One process a tutorial: each is a script of its own."""
    for name in TUTORIALS:
        subprocess.run([sys.executable, "-m", f"experiments.tutorials.{name}", str(folder)], check=True)
        Image.open(folder / f"{name}.png").convert("RGB").save(PAGES / f"{name}.webp", quality=80, method=6)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "jxai-tutorials"))
