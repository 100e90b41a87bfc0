"""``topwork meta``: a prior from many small tasks."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import ItemKind, Json, Network, Quiet
from topwork.runtime.counted import counted
from topwork.settings import FeatureSettings

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.metalearning import MetaResult

SHOWN = 8
"""Tasks that are shown, the least helped first."""


@with_options
def learn_prior(
    tasks: Annotated[
        Path,
        typer.Argument(metavar="TASKS", help="A folder of folders, each with class folders."),
    ],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the prior goes.")] = Path(
        "prior.topwork"
    ),
    backbone: Network = None,
    kind: ItemKind = "auto",
    method: Annotated[
        Literal["closed-form", "protonet", "anil"],
        typer.Option(
            "--method",
            help="How: in closed form, or trained on episodes: the metric (protonet) or the last "
            "layers (anil); both need the extra train.",
        ),
    ] = "closed-form",
    settings: FeatureSettings,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Learn from many small tasks what helps with one label per class in a new one."""
    from topwork.cli.screen import Screen
    from topwork.data.reading.given import existing
    from topwork.errors import ParameterError, UserError
    from topwork.metalearning import meta_learn
    from topwork.model.priors.prior_file import read_prior

    screen = Screen(json=json, quiet=quiet)
    existing(tasks)
    if out.exists():
        try:
            read_prior(out)
        except UserError as error:
            raise ParameterError(
                f"{out} is there already, and is no prior.",
                remedy="Choose another name with --out.",
                code="would_overwrite",
            ) from error
    with screen.steps() as steps:
        found = meta_learn(
            tasks, out, settings=settings, backbone=backbone, method=method, steps=steps, kind=kind
        )
    screen.result(found)
    _show(screen, found)


def _show(screen: Screen, found: MetaResult) -> None:
    from topwork.cli.show import show_rejected

    if not screen.json:
        show_rejected(screen, found.rejected)
        for note in found.notes:
            screen.note(f"Note: {note}")
    rows = [
        (one.name, str(one.n_classes), f"{100 * one.plain:.1f}", f"{100 * one.gain:+.1f}")
        for one in sorted(found.tasks, key=lambda task: task.gain)[:SHOWN]
    ]
    screen.table(("task", "classes", "accuracy, %", "gain"), rows, folded=False)
    mean = found.gain
    screen.print_line(
        f"With one label per class, on tasks that were left out, the prior of "
        f"{counted(found.n_tasks, 'task')} changes accuracy by {100 * mean.value:+.1f} points "
        f"(95 % interval over tasks {100 * mean.low:+.1f} to {100 * mean.high:+.1f})."
    )
    if found.trained is not None:
        more = found.trained.added
        kept = "used" if found.trained.used else "not certain to help: the closed form is used"
        screen.print_line(
            f"Training on episodes adds {100 * more.value:+.1f} points to the closed form "
            f"({100 * more.low:+.1f} to {100 * more.high:+.1f}): {kept}."
        )
    if found.prior is None:
        screen.print_line("That it helps is not certain: nothing was written.")
    else:
        screen.print_line(f"  {found.prior}", style="bold")
        place = shlex.quote(found.prior)
        how = f"--backbone own:@{place}" if found.method == "anil" else f"--prior {place}"
        screen.print_line(f"Next: topwork fit FEW {how}")
