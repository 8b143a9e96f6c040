"""`python -m jxai` is `jxai`."""

from jxai.cli import main

main()
