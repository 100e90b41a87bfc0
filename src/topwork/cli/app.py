"""The list of commands, and what every outcome means for the exit status."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from topwork.cli.cache import cache
from topwork.cli.check import check
from topwork.cli.demo import demo
from topwork.cli.evaluate import evaluate
from topwork.cli.fit import fit
from topwork.cli.predict import predict
from topwork.cli.rank import rank
from topwork.cli.report import report
from topwork.errors import UserError

INTERRUPTED = 130

app = typer.Typer(
    name="topwork",
    epilog="Start with: topwork demo. Then: topwork fit YOUR_FOLDER",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (check, rank, fit, evaluate, predict, report, demo, cache):
    app.command()(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"topwork {version('topwork')}")
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
    try:
        status = app(arguments or ["--help"], standalone_mode=False)
        return _interrupted() if status == INTERRUPTED else int(status or 0)
    except UserError as error:
        return _refuse(arguments, error.code, error.message, error.remedy)
    except TyperException as error:
        return _refuse(arguments, "usage", error.format_message(), "Try: topwork --help")
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception:
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
