"""The list of commands, and what every outcome means for the exit status."""

from __future__ import annotations

import errno
import json
import sys
import warnings
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from topwork.cli.commands.adapt import adapt
from topwork.cli.commands.cache import cache
from topwork.cli.commands.check import check
from topwork.cli.commands.cluster import cluster
from topwork.cli.commands.demo import demo
from topwork.cli.commands.evaluate import evaluate
from topwork.cli.commands.fit import fit
from topwork.cli.commands.map import draw_map
from topwork.cli.commands.predict import predict
from topwork.cli.commands.pretrain import pretrain
from topwork.cli.commands.rank import rank
from topwork.cli.commands.report import report
from topwork.cli.commands.search import search
from topwork.cli.commands.watch import watch
from topwork.cli.deployment.export import export
from topwork.cli.deployment.serve import serve
from topwork.cli.labelling.episodes import episodes
from topwork.cli.labelling.exchange import export_labels, import_labels
from topwork.cli.labelling.label import label
from topwork.cli.labelling.learn_prior import learn_prior
from topwork.cli.labelling.list_next import list_next
from topwork.cli.samples.sample import sample
from topwork.cli.usage import usage, with_instead
from topwork.errors import UserError
from topwork.installation import both_installed

INTERRUPTED = 130
_THE_USERS = {
    errno.EACCES,
    errno.EPERM,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EROFS,
    errno.ENOSPC,
    errno.ENAMETOOLONG,
}
"""What goes wrong with a file or folder that the user named."""

app = typer.Typer(
    name="topwork",
    epilog="Start with: topwork demo. Then: topwork fit YOUR_FOLDER",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_NAMES: dict[Callable[..., Any], str] = {draw_map: "map", list_next: "next", learn_prior: "meta"}
for command in (
    check, rank, fit, evaluate, predict, adapt, pretrain, cluster, draw_map, search, label,
    list_next, export_labels, import_labels, episodes, learn_prior, watch, export, serve, report,
    sample, demo, cache,
):  # fmt: skip
    app.command(_NAMES.get(command))(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        from topwork.installation import topwork_version

        typer.echo(f"topwork {topwork_version()}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and stop."
        ),
    ] = False,
) -> None:
    """Transfer learning that people can trust."""


def run(arguments: list[str]) -> int:
    """Run one command; 0, 2 for what the user did, 1 for our own bug, 130 when interrupted."""
    with warnings.catch_warnings():
        warnings.showwarning = partial(_tell, warnings.showwarning)
        if said := both_installed():
            print(said, file=sys.stderr)
        return _status(arguments)


def _tell(others: Callable[..., None], message: Warning | str, *more: Any, **named: Any) -> None:
    """Show a warning of ours as a sentence, and one of another library as Python does."""
    if type(message).__module__.startswith("topwork."):
        from topwork.cli.screen import plain

        print(plain(str(message)), file=sys.stderr)
    else:
        others(message, *more, **named)


def _status(arguments: list[str]) -> int:
    try:
        status = app(arguments or ["--help"], standalone_mode=False)
        return _interrupted() if status == INTERRUPTED else int(status or 0)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except (UserError, TyperException, OSError) as error:
        return _refused(arguments, error)
    except ModuleNotFoundError as error:
        from topwork.installation import missing_module

        absent = missing_module(error.name)
        return _our_bug() if absent is None else _refused(arguments, absent)
    except Exception:
        return _our_bug()


def _refused(arguments: list[str], error: UserError | TyperException | OSError) -> int:
    if isinstance(error, UserError):
        remedy = with_instead(arguments, error.instead) or error.remedy
        return _refuse(arguments, error.code, error.message, remedy)
    if isinstance(error, TyperException):
        return _refuse(arguments, "usage", *usage(arguments, error))
    if error.errno == errno.ENOSPC:
        return _refuse(
            arguments,
            "no_space",
            "No space is left on the device.",
            "Free some, or choose another folder for the output and TOPWORK_CACHE_DIR.",
        )
    if error.errno not in _THE_USERS or error.filename is None:
        return _our_bug()
    reason = (error.strerror or "").lower()
    return _refuse(
        arguments,
        "no_access",
        f"{error.filename} cannot be used: {reason}.",
        "Choose a folder that exists and that you may write to"
        + (" with TOPWORK_CACHE_DIR, or add --no-cache." if _in_cache(error.filename) else "."),
    )


def _in_cache(name: object) -> bool:
    import os

    folder = os.environ.get("TOPWORK_CACHE_DIR")
    return bool(folder) and os.fspath(str(name)).startswith(str(folder))


def _our_bug() -> int:
    import traceback

    traceback.print_exc()
    print("This is a bug in topwork; please report it with the lines above.", file=sys.stderr)
    return 1


def _interrupted() -> int:
    print("Interrupted; what was computed is kept.", file=sys.stderr)
    return INTERRUPTED


def _refuse(arguments: list[str], code: str, message: str, remedy: str) -> int:
    from topwork.cli.screen import plain

    if "--json" in arguments:
        print(json.dumps({"error": {"code": code, "message": message, "remedy": remedy}}))
    else:
        print(plain(f"{message} {remedy}"), file=sys.stderr)
    return 2
