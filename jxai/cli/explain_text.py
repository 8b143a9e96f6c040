"""`jxai explain --text`: what `jxai text` does, with the settings of `jxai explain`."""

import dataclasses

from jxai.cli.settings.commands import Explain
from jxai.cli.settings.text import Text
from jxai.pipelines.options import Options
from jxai.pipelines.texts.options import TextOptions

__all__ = ["as_text"]

_ONLY_PHOTOS = ("against", "measure", "crop", "per_device")
_ONLY_IMAGES = ("groups", "count")  # among the settings of methods


def as_text(command: Explain) -> Text:
    """The same command for texts.

    Raises:
        ValueError: photographs too, or a setting that is for photographs alone.
    """
    if command.photos:
        raise ValueError("photographs and texts came together; explain each with a model of its own, one by one.")
    for settings, names in ((command, _ONLY_PHOTOS), (command.options, _ONLY_IMAGES)):
        default = {field.name: field.default for field in dataclasses.fields(settings)}
        if given := [name for name in names if getattr(settings, name) != default[name]]:
            raise ValueError(f"--{given[0].replace('_', '-')} is for photographs; leave it out for texts.")
    shared = {field.name for field in dataclasses.fields(TextOptions)} & {f.name for f in dataclasses.fields(Options)}
    options = {name: value for name in shared if (value := getattr(command.options, name)) is not None}
    return Text(
        texts=command.text,
        weights=command.own_weights,
        model=command.model,
        method=Text.method if command.method == Explain.method else command.method,
        target=command.target,
        labels=command.labels,
        out=command.out,
        overwrite=command.overwrite,
        devices=command.devices,
        options=TextOptions(**options),
    )
