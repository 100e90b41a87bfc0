"""``topwork predict``: labels with probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.options import Json, ModelPath, Quiet, Seed

if TYPE_CHECKING:
    from topwork.cli.prediction import Prediction, PredictResult
    from topwork.cli.screen import Screen


def predict(
    model: ModelPath,
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Images, folders or tables.")
    ],
    top: Annotated[int, typer.Option("--top", min=1, help="Classes listed for each image.")] = 5,
    seed: Seed = 0,  # noqa: ARG001  every command takes it; nothing here is random
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what is in images."""
    from topwork.cli.prediction import predict_result
    from topwork.cli.screen import Screen
    from topwork.data import read_items
    from topwork.model import load

    screen = Screen(json=json, quiet=quiet)
    with screen.steps() as steps:
        result = predict_result(load(model), read_items(inputs), top, steps("Predicting"))
    screen.result(result)
    show_predictions(screen, result)


def show_predictions(screen: Screen, result: PredictResult) -> None:
    """The predictions, for people."""
    from topwork.cli.show import show_rejected

    if not screen.json:
        show_rejected(screen, result.rejected)
    rows = [
        (p.path, "unknown?" if p.unknown else p.label, f"{p.probability:.3f}", _others(p))
        for p in result.predictions
    ]
    screen.table(("image", "label", "probability", "then"), rows)
    n_unknown = sum(p.unknown for p in result.predictions)
    if n_unknown:
        screen.say(f"{n_unknown} look like none of the classes; their nearest label is in --json.")


def _others(prediction: Prediction) -> str:
    shown = prediction.top[:1] if prediction.unknown else prediction.top[1:3]
    return ", ".join(f"{t.label} {t.probability:.3f}" for t in shown)
