"""The commands: a union of their settings, from which the command line is made."""

from typing import Annotated

import tyro

from jxai.cli.settings.deliberate import Deliberate
from jxai.cli.settings.demo import Demo
from jxai.cli.settings.describe import Describe
from jxai.cli.settings.explain import Explain
from jxai.cli.settings.listing import Listing
from jxai.cli.settings.study import Study
from jxai.cli.settings.text import Text
from jxai.cli.settings.train import Train

__all__ = ["MODULES", "Command"]

Command = (
    Annotated[Demo, tyro.conf.subcommand("demo")]
    | Annotated[Explain, tyro.conf.subcommand("explain")]
    | Annotated[Deliberate, tyro.conf.subcommand("deliberate")]
    | Annotated[Describe, tyro.conf.subcommand("describe")]
    | Annotated[Text, tyro.conf.subcommand("text")]
    | Annotated[Study, tyro.conf.subcommand("study")]
    | Annotated[Train, tyro.conf.subcommand("train")]
    | Annotated[Listing, tyro.conf.subcommand("list")]
)

MODULES: dict[type, str] = {
    Demo: "demo",
    Explain: "explain",
    Deliberate: "deliberate",
    Describe: "describe",
    Text: "text",
    Study: "study",
    Train: "train",
    Listing: "listing",
}
"""The file of `jxai.cli` whose `run` takes a command: imported when it is asked for, so that help is quick."""
