"""`python -m jxai` is `jxai`."""

from jxai.cli.app import main

main()
