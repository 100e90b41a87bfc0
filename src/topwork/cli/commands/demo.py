"""``topwork demo``: the whole thing on real data that is already installed."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.options import Json, Quiet, Seed

if TYPE_CHECKING:
    from pydantic import BaseModel

    from topwork.cli.screen import Screen, Steps
    from topwork.inductive import FitResult
    from topwork.model import Evaluation


def demo(
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the images and the models [cache].")
    ] = None,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Learn nine surfaces from five patches each, and compare with raw pixels."""
    from topwork.cli.samples.surfaces import write_surfaces
    from topwork.cli.screen import Screen
    from topwork.model.evaluation.ledger import uncounted
    from topwork.runtime import cache_folder

    screen = Screen(json=json, quiet=quiet)
    place = out or cache_folder() / "demo" / f"seed-{seed}"
    images, model = place / "surfaces", place / "surfaces.topwork"
    shutil.rmtree(images, ignore_errors=True)
    write_surfaces(images, seed)
    screen.print_line(
        "Which surface is this? 64-pixel patches of nine real photographs; five patches of"
    )
    screen.print_line(
        "each upper half to learn from, patches of the lower halves to be evaluated on."
    )
    with screen.steps() as steps, uncounted():
        fitted = _fit(screen, steps, images, model, seed)
        evaluation = _evaluate(screen, steps, images, model)
        _predict(screen, images, model)
        pixels = _pixels(screen, steps, images, place / "pixels.topwork", seed)
    ours, theirs = evaluation.scores.balanced_accuracy, pixels.scores.balanced_accuracy
    screen.print_line()
    screen.print_line(
        f"Balanced accuracy on held-out patches: {ours.value:.3f} with the pretrained network, "
        f"{theirs.value:.3f} with raw pixels.",
        style="bold",
    )
    screen.print_line("On your own folder of class folders:  topwork fit YOUR_FOLDER", style="bold")
    screen.result(_record(fitted, evaluation, pixels))


def _fit(screen: Screen, steps: Steps, images: Path, model: Path, seed: int) -> FitResult:
    from topwork.cli.shown_fit import show_fit
    from topwork.data import read
    from topwork.inductive import FitSettings, fit

    _command(screen, "fit", images, "--out", model, "--seed", seed)
    result = fit(read(images), FitSettings(seed=seed), steps=steps, save_to=model).result
    show_fit(screen, result)
    return result


def _evaluate(screen: Screen, steps: Steps, images: Path, model: Path) -> Evaluation:
    from topwork.cli.class_evaluation import show_evaluation
    from topwork.data import read
    from topwork.model import load_classifier

    _command(screen, "evaluate", model, images)
    data = read(images, split="test")
    found = load_classifier(model, "The demo").evaluate(data, progress=steps("Predicting"))
    show_evaluation(screen, found)
    return found.model_copy(update={"model": str(model)})


def _predict(screen: Screen, images: Path, model: Path) -> None:
    from topwork.cli.class_predictions import show_predictions
    from topwork.cli.prediction import predict_result
    from topwork.data import read_items
    from topwork.model import load_classifier
    from topwork.runtime.progress import silent

    chosen = [str(next((images / "test" / s).iterdir())) for s in ("coins", "moon", "retina")]
    _command(screen, "predict", model, *chosen)
    loaded = load_classifier(model, "The demo")
    show_predictions(screen, predict_result(loaded, read_items(chosen), 3, silent))


def _pixels(screen: Screen, steps: Steps, images: Path, model: Path, seed: int) -> Evaluation:
    from topwork.data import read
    from topwork.inductive import FitSettings, fit
    from topwork.model import load_classifier

    _command(screen, "fit", images, "--backbone", "pixels", "--out", model, "--seed", seed)
    fit(read(images), FitSettings(backbone="pixels", seed=seed), steps=steps, save_to=model)
    _command(screen, "evaluate", model, images)
    found = load_classifier(model, "The demo").evaluate(read(images, split="test"))
    return found.model_copy(update={"model": str(model)})


def _command(screen: Screen, *words: object) -> None:
    screen.print_line()
    screen.print_line(f"$ topwork {shlex.join(map(str, words))}", style="bold cyan")


def _record(fitted: FitResult, evaluation: Evaluation, pixels: Evaluation) -> BaseModel:
    from topwork.cli.commands.demo_result import DemoResult

    return DemoResult(
        task="classes", modality="image", fit=fitted, evaluate=evaluation, pixels=pixels
    )
