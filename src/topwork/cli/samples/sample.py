"""``topwork sample``: small sets of data to try the commands on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topwork.cli.options import Json, Quiet, Seed


def sample(
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help="Which set; all are listed without it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder to write it to [./KIND].")
    ] = None,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a small set of sample data, drawn and invented here, to try a command on."""
    from topwork.cli.samples.kinds import SAMPLE_SETS
    from topwork.cli.samples.sample_result import Sample, SampleResult
    from topwork.cli.screen import Screen

    screen = Screen(json=json, quiet=quiet)
    if kind is None:
        screen.print_line("topwork sample KIND writes one of these into ./KIND:")
        for name, one in SAMPLE_SETS.items():
            screen.print_line(f"  {name:10} {one.what}")
        listed = [Sample(kind=name, what=one.what) for name, one in SAMPLE_SETS.items()]
        screen.result(SampleResult(kinds=tuple(listed)))
        return
    place = _place(kind, out)
    one = SAMPLE_SETS[kind]
    one.write(place, seed)
    command = one.then.format(place)
    screen.print_line(f"{place}: {one.what}.")
    screen.print_line(f"Try:  {command}", style="bold")
    screen.result(SampleResult(written=str(place), command=command))


def _place(kind: str, out: Path | None) -> Path:
    """Where the set goes.

    Raises
    ------
    ParameterError
        There is no such set, or something is there already.
    """
    from topwork.cli.samples.kinds import SAMPLE_SETS
    from topwork.errors import ParameterError

    if kind not in SAMPLE_SETS:
        raise ParameterError(
            f"There are no sample data called {kind!r}.",
            remedy=f"Choose one of: {', '.join(SAMPLE_SETS)}.",
        )
    place = out or Path(kind)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise ParameterError(
            f"{place} is there already.", remedy="Name another folder with --out.", code="exists"
        )
    return place
