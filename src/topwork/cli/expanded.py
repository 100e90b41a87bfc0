"""A command with one option for every field of the settings that it takes."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from topwork.errors import ParameterError
from topwork.settings.setting import Stated, stated_in

Result = TypeVar("Result")


def with_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """The command for Typer, with an option in place of each field of a settings class.

    ``def rank(data: Path, settings: RankSettings)`` gets ``--geometry``, ``--seed`` and so on, and
    is called with the settings that they make.
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {
        name: stated_in(hint)
        for name, hint in hints.items()
        if isinstance(hint, type) and is_dataclass(hint)
    }
    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            parameters += [_option(stated) for stated in groups[name]]
        else:
            parameters.append(parameter.replace(annotation=hints[name], kind=_KEYWORD))

    @functools.wraps(command)
    def run(**given: Any) -> Result:
        for name, group in groups.items():
            made = {stated.name: stated.value(given.pop(stated.name)) for stated in group}
            try:
                given[name] = hints[name](**made)
            except ParameterError as error:
                raise _of_options(error, group) from error
        return command(**given)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _of_options(error: ParameterError, group: Sequence[Stated]) -> ParameterError:
    """The same error with the options of the command line in place of Python's parameters."""
    message = error.message
    for stated in group:
        place = "" if "_" in stated.name else "^"
        message = re.sub(rf"{place}(?<![\w-]){stated.name}(?![\w-])", stated.flag, message)
    return ParameterError(message, remedy=error.remedy, code=error.code, instead=error.instead)


_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def _option(stated: Stated) -> inspect.Parameter:
    """The option for a field; what it may be is checked by the settings, as in Python."""
    setting = stated.setting
    switch = stated.switches_off or setting.on is not None
    choices = stated.choices
    typed = bool if switch else setting.typed or (str if choices else stated.type)
    default: Any = False if switch else stated.default
    if setting.typed is not None and not switch:
        default = "" if setting.typed is str else None
    option = typer.Option(
        stated.flag,
        help=setting.off if stated.switches_off else setting.help,
        metavar=setting.metavar or "|".join(choices) or None,
        hidden=setting.hidden,
    )
    return inspect.Parameter(
        stated.name, _KEYWORD, default=default, annotation=Annotated[typed, option]
    )
