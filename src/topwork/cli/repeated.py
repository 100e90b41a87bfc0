"""The command that is running, as text to type again."""

from __future__ import annotations

import shlex

import typer

_LEFT_OUT = frozenset({"json", "quiet"})


def repeated(context: typer.Context, **instead: str) -> str:
    """What the user typed, quoted for a shell, with other values of some options.

    Parameters
    ----------
    instead
        By the name of the option's parameter, what comes after it; written as it is.
    """
    words = ["topwork", str(context.info_name)]
    for parameter in context.command.params:
        name = str(parameter.name)
        source = context.get_parameter_source(name)
        given = source is not None and source.name == "COMMANDLINE"
        if not given or name in instead or name in _LEFT_OUT:
            continue
        value = context.params[name]
        option = [] if parameter.param_type_name == "argument" else [parameter.opts[0]]
        if isinstance(value, bool):
            words += option
            continue
        for one in value if isinstance(value, list | tuple) else [value]:
            words += [*option, shlex.quote(str(one))]
    flags = {str(parameter.name): parameter.opts[0] for parameter in context.command.params}
    for name, value in instead.items():
        words += [flags[name], value]
    return " ".join(words)
