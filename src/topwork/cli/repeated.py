"""Commands to type next: the one that is running again, or another on the same data."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from topwork.settings import TaskSettings, stated_in

if TYPE_CHECKING:
    import typer

_LEFT_OUT = frozenset({"json", "quiet"})
_READING = frozenset({"geometry", *(stated.name for stated in stated_in(TaskSettings))})
"""Parameters that say how data are read, which mean the same for every command."""


def repeated(context: typer.Context, *, without: Collection[str] = (), **instead: str) -> str:
    """What the user typed, quoted for a shell, with other values of some options.

    Parameters
    ----------
    without
        Names of parameters that are left out.
    instead
        By the name of the parameter, the value to type; written as it is.
    """
    taken = {str(one.name) for one in context.command.params} - _LEFT_OUT - set(without)
    return _typed(context, context.command, str(context.info_name), taken, instead)


def following(context: typer.Context, name: str, **instead: str) -> str:
    """Another command on the same data, read in the same way as far as it can be told.

    Parameters
    ----------
    name
        The command.
    instead
        By the name of its parameter, the value to type; written as it is.
    """
    assert context.parent is not None
    other = context.parent.command.commands[name]  # type: ignore[attr-defined]
    arguments = {str(one.name) for one in other.params if one.param_type_name == "argument"}
    command = _typed(context, other, name, _READING | arguments, instead)
    lines = any(one.name == "labels" for one in other.params) or not context.params.get("labels")
    return command if lines else f"{command} --lines"


def _typed(
    context: typer.Context, command: Any, name: str, taken: Collection[str], instead: dict[str, str]
) -> str:
    """A command with what was given to the running one, where it has a parameter of that name."""
    arguments: list[str] = []
    options: list[str] = []
    last: list[str] = []
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            arguments += (
                [instead[parameter.name]]
                if parameter.name in instead
                else (_values(context, parameter.name))
            )
        elif parameter.name in instead:
            last += [parameter.opts[0], instead[parameter.name]]
        elif parameter.name in taken and _was_given(context, parameter.name):
            options += _option(context, parameter)
    return " ".join(["topwork", name, *arguments, *options, *last])


def _option(context: typer.Context, parameter: Any) -> Iterator[str]:
    if isinstance(context.params[parameter.name], bool):
        yield parameter.opts[0]
        return
    for value in _values(context, parameter.name):
        yield from (parameter.opts[0], value)


def _was_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _values(context: typer.Context, name: str) -> list[str]:
    value = context.params[name]
    every = value if isinstance(value, list | tuple) else [value]
    return [shlex.quote(str(one)) for one in every]
