"""``topwork serve``: models behind HTTP, with a page to try them on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topwork.cli.options import Json, Quiet
from topwork.runtime.counted import counted


def serve(
    models: Annotated[
        list[Path], typer.Argument(metavar="MODEL...", help="Saved models; several by their names.")
    ],
    *,
    host: Annotated[
        str,
        typer.Option("--host", help="Address to listen at; any other than this needs a token."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen at; 0 for a free one.")
    ] = 8000,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", help="A file whose first line every request must know."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", help="What the server may be called; may be given again."),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-origin",
            help="A site whose pages may ask, as https://example.org; may be given again.",
        ),
    ] = None,
    reload: Annotated[
        bool,
        typer.Option("--reload/--no-reload", help="Load a model again when its folder changes."),
    ] = True,
    deadline: Annotated[
        float,
        typer.Option(
            "--deadline",
            min=0.1,
            max=600,
            help="Seconds after which a request is refused that still waits.",
        ),
    ] = 2.0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Serve models over HTTP, with a page to try them on."""
    from topwork.cli.deployment.served_prediction import served_prediction, served_schema
    from topwork.cli.screen import Screen
    from topwork.deployment.serve.limits import Limits
    from topwork.deployment.serve.models.names import named_folders
    from topwork.deployment.serve.server import Place, Service, read_token
    from topwork.deployment.serve.server import serve as served

    screen = Screen(json=json, quiet=quiet)
    place = Place(
        host=host,
        port=port,
        token=read_token(token_file),
        names=allow_host or (),
        origins=allow_origin or (),
    )

    def opened(address: str) -> None:
        typer.echo(f"Serving on {address}", err=True)
        if not quiet:
            typer.echo("Ctrl-C ends it when what was asked is answered.", err=True)

    service = Service(
        folders=named_folders(models),
        answer=served_prediction,
        schema=served_schema(),
        limits=Limits(deadline=deadline),
        watched=reload,
    )
    result = served(service, place, told=screen.note, opened=opened)
    screen.result(result)
    screen.print_line(
        f"{counted(result.n_predicted, 'item')} predicted in {result.seconds:.0f} s, "
        f"{result.n_rejected:,} rejected, {result.n_refused:,} refused for lack of time."
    )
