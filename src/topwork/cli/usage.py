"""What is wrong with a command line, and the command to type instead."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typer.exceptions import TyperException

_MEANT = {
    **dict.fromkeys(("train", "learn", "finetune", "fine-tune", "tune", "run"), "fit DATA"),
    **dict.fromkeys(("test", "eval", "validate", "score"), "evaluate MODEL DATA"),
    **dict.fromkeys(("classify", "infer", "inference", "label", "apply"), "predict MODEL INPUT"),
    **dict.fromkeys(("compare", "benchmark", "models"), "rank DATA"),
    **dict.fromkeys(("clean", "inspect", "lint", "verify"), "check DATA"),
    **dict.fromkeys(("group", "kmeans", "topics", "segment"), "cluster DATA"),
    **dict.fromkeys(("show", "view", "open", "info"), "report MODEL"),
    **dict.fromkeys(("stream", "track", "camera", "live"), "watch MODEL SOURCE"),
    **dict.fromkeys(("plot", "embed", "tsne", "umap", "visualize", "visualise"), "map DATA"),
    **dict.fromkeys(("find", "query", "similar", "nearest", "retrieve"), "search DATA QUERY"),
}
"""What other tools call our commands."""


def usage(arguments: Sequence[str], error: TyperException) -> tuple[str, str]:
    """What is wrong with the command line, and what to type instead."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if message.rstrip(".").endswith("requires an argument"):
        return _no_value(arguments, str(getattr(error, "option_name", "")))
    if context is None or context.parent is None:
        meant = _MEANT.get(arguments[0].lower()) if arguments else None
        if meant is not None and "No such command" in message:
            return f"No such command {arguments[0]!r}.", f"Did you mean: topwork {meant}"
        return _ended(message), "Try: topwork --help"
    command = f"topwork {context.info_name}"
    if message.startswith("Missing argument"):
        return _missing(arguments, _required(context, error))
    if "unexpected extra argument" in message:
        typed = " ".join([command, *map(_name, _required(context))])
        more = message[message.rfind("(") + 1 : message.rfind(")")]
        return (
            f"{command} takes fewer arguments; not understood: {more}.",
            f"Quote names that contain spaces. Type: {typed}",
        )
    return _ended(message), f"Try: {command} --help"


def with_instead(arguments: Sequence[str], instead: tuple[str, str] | None) -> str:
    """What was typed with another path in place of one; nothing where it was not typed.

    The value of an option stays, if the path is an argument as well.

    Examples
    --------
    >>> with_instead(["fit", "photos/", "--seed", "3"], ("photos", "photos/labels.csv"))
    'Type: topwork fit photos/labels.csv --seed 3'
    >>> with_instead(["fit", ".", "--root", "."], (".", "labels.csv"))
    'Type: topwork fit labels.csv --root .'
    """
    if instead is None:
        return ""
    typed = [place for place, one in enumerate(arguments) if one and Path(one) == Path(instead[0])]
    values = [place for place in typed if place and arguments[place - 1].startswith("-")]
    own = [place for place in typed if place not in values] or values
    if not own:
        return ""
    words = [*arguments[: own[0]], instead[1], *arguments[own[0] + 1 :]]
    return _typed([shlex.quote(word) for word in words])


def _missing(arguments: Sequence[str], missing: Sequence[Any]) -> tuple[str, str]:
    """Which arguments are missing and what they are, and what was typed with their names."""
    names = [_name(one) for one in missing]
    told = ", ".join(f"{_name(one)} ({_meaning(one)})" for one in missing)
    return f"Missing: {told}.", _typed([*map(shlex.quote, arguments), *names])


def _no_value(arguments: Sequence[str], option: str) -> tuple[str, str]:
    """That an option has no value, and what was typed with a place for it."""
    place = arguments.index(option) + 1 if option in arguments else len(arguments)
    quoted = [shlex.quote(one) for one in arguments]
    return (
        f"Missing: the value of {option}.",
        _typed([*quoted[:place], "VALUE", *quoted[place:]]),
    )


def _typed(words: Sequence[str]) -> str:
    return f"Type: {' '.join(['topwork', *words])}"


def _required(context: Any, error: object = None) -> list[Any]:
    """The arguments that a command needs; from the one on that an error names."""
    needed = [one for one in context.command.params if one.param_type_name == "argument"]
    first = getattr(error, "param", None)
    return needed[needed.index(first) :] if first in needed else needed


def _name(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper()).removesuffix("...")


def _meaning(argument: Any) -> str:
    said = str(argument.help).removesuffix(".")
    return said[:1].lower() + said[1:]


def _ended(message: str) -> str:
    return message if message.endswith((".", "?", "!")) else f"{message}."
