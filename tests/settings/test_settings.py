"""Settings are stated once: estimators and commands take theirs from the same fields."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
import typer
from sklearn.base import clone
from typer.testing import CliRunner

import topwork as tw
from topwork import settings
from topwork.cli.app import app, run
from topwork.cli.expanded import with_options
from topwork.errors import ParameterError
from topwork.settings import (
    AdaptSettings,
    BudgetSettings,
    ClusterSettings,
    DetectionSettings,
    FeatureSettings,
    FitSettings,
    FramingSettings,
    ImageSettings,
    IntervalSettings,
    JudgingSettings,
    OrderSettings,
    RankSettings,
    ReadingSettings,
    RunSettings,
    Setting,
    Stated,
    StrategySettings,
    TableSettings,
    TaskSettings,
    WatchSettings,
    stated_in,
    with_parameters,
)
from topwork.settings.inspection import InspectionSettings


@dataclass(kw_only=True)
class NumberSettings(RunSettings, IntervalSettings, FramingSettings, JudgingSettings):
    """What a regressor has of the settings of a fit."""


@dataclass(kw_only=True)
class OrdinalSettings(NumberSettings, OrderSettings):
    """What a classifier of ordered classes has of them, and the order of its labels."""


@dataclass(kw_only=True)
class BoxSettings(
    RunSettings, DetectionSettings, JudgingSettings, BudgetSettings, StrategySettings
):
    """What a detector has of them."""


BOXES = {s.name for s in stated_in(DetectionSettings)}
COMMANDS: dict[str, tuple[type, ...]] = {
    "check": (ReadingSettings,),
    "rank": (RankSettings, ReadingSettings),
    "fit": (FitSettings, TaskSettings),
    "evaluate": (ReadingSettings,),
    "predict": (TableSettings,),
    "adapt": (AdaptSettings, TableSettings),
    "watch": (WatchSettings,),
    "search": (FeatureSettings, TableSettings),
    "map": (FeatureSettings, TableSettings),
    "cluster": (ClusterSettings, TableSettings),
}
ESTIMATORS: dict[str, tuple[type, set[str], set[str]]] = {
    "ImageClassifier": (FitSettings, BOXES, {"verbose"}),
    "TextClassifier": (
        FitSettings,
        BOXES | {s.name for s in stated_in(ImageSettings)},
        {"verbose"},
    ),
    "ImageRegressor": (NumberSettings, set(), {"verbose"}),
    "TextRegressor": (NumberSettings, {s.name for s in stated_in(FramingSettings)}, {"verbose"}),
    "OrdinalImageClassifier": (OrdinalSettings, set(), {"verbose"}),
    "OrdinalTextClassifier": (
        OrdinalSettings,
        {s.name for s in stated_in(FramingSettings)},
        {"verbose"},
    ),
    "ObjectDetector": (BoxSettings, set(), {"verbose"}),
    "DomainAdapter": (AdaptSettings, set(), {"model"}),
    "Clusterer": (ClusterSettings, set(), {"kind", "verbose"}),
    "AnomalyDetector": (InspectionSettings, set(), {"verbose"}),
}
"""The settings of each, those that it does without, and what it has beside."""


def _options(command: str) -> dict[str, Any]:
    found = typer.main.get_command(app).commands[command].params  # type: ignore[attr-defined]
    return {option: one for one in found for option in one.opts}


@pytest.mark.parametrize("group", [g for g in vars(settings).values() if inspect.isclass(g)])
def test_every_field_is_stated(group: type) -> None:
    if group in (Setting, Stated):
        return
    fields = getattr(group, "__dataclass_fields__", {})
    assert [stated.name for stated in stated_in(group)] == list(fields)
    assert all(s.setting.off for s in stated_in(group) if s.default is True)


@pytest.mark.parametrize("command", list(COMMANDS))
def test_options_are_settings(command: str) -> None:
    """Each field is one option with its help, and no other option has such a name."""
    options = _options(command)
    for stated in (s for group in COMMANDS[command] for s in stated_in(group)):
        option = options[stated.flag]
        assert option.name == stated.name
        said = stated.setting.off if stated.switches_off else stated.setting.help
        assert option.help.startswith(said)
        assert option.metavar == ("|".join(stated.choices) or stated.setting.metavar)
    assert run([command, "--help"]) == 0


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_parameters_are_settings(name: str) -> None:
    """Each field is one parameter with its default and its help; there are no others."""
    group, without, beside = ESTIMATORS[name]
    estimator = getattr(tw, name)
    stated = {s.name: s for s in stated_in(group) if s.name not in without}
    parameters = dict(inspect.signature(estimator).parameters)
    assert set(parameters) == {*stated, *beside}
    for parameter in (parameters[name] for name in stated):
        assert parameter.default == stated[parameter.name].default
        assert parameter.annotation == stated[parameter.name].type
    documented = " ".join(estimator.__doc__.split())
    assert all(f"{s.name} {s.setting.help}" in documented for s in stated.values())
    assert "__init__" not in inspect.getsource(estimator)


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (lambda: tw.ImageClassifier(unlabelled=["more"]), "fit(X, y, unlabelled=...)"),
        (lambda: tw.TextClassifier(unlabelled=["more"]), "fit(X, y, unlabelled=...)"),
        (lambda: tw.DomainAdapter("m", source="home"), "fit(X, source=...)"),
        (lambda: tw.DomainAdapter("m", labelled="few"), "fit(X, labelled=...)"),
    ],
)
def test_data_that_are_given_to_a_constructor(made: Any, place: str) -> None:
    with pytest.raises(ParameterError, match="no longer a parameter") as refused:
        made()
    assert place in refused.value.remedy


@dataclass(kw_only=True, eq=False, repr=False)
class WithGain(RunSettings):
    """A group with one more setting: all that a new one takes, beside what it does."""

    gain: Annotated[float, Setting("How loud it is.", "In decibels.")] = 1.0
    hum: Annotated[bool, Setting("Whether it hums.", off="Don't hum.")] = True


def test_a_new_setting_is_a_parameter_and_an_option() -> None:
    @with_parameters(moved={})
    @dataclass(kw_only=True, eq=False, repr=False)
    class Louder(WithGain, tw.TextClassifier):
        """Text.

        Parameters
        ----------
        {parameters}
        """

    louder = clone(Louder(gain=2.0))
    assert louder.get_params()["gain"] == 2.0
    assert "How loud it is. In decibels." in (Louder.__doc__ or "")

    app, seen = typer.Typer(), []

    @app.command()
    @with_options
    def play(data: Path, *, settings: WithGain) -> None:
        seen.append((data, settings.gain, settings.hum, settings.seed))

    told = CliRunner().invoke(app, ["song", "--gain", "3.5", "--no-hum", "--seed", "7"])
    assert told.exit_code == 0, told.output
    assert seen == [(Path("song"), 3.5, False, 7)]
    assert "How loud it is." in CliRunner().invoke(app, ["--help"]).output


def test_settings_are_checked_and_parameters_are_not() -> None:
    tw.ImageClassifier(n_folds=1)
    with pytest.raises(ParameterError, match="n_folds"):
        FitSettings(n_folds=1)


def test_a_wrong_choice_names_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fit", "data", "--strategy", "everything"]) == 2
    said = capsys.readouterr().err
    assert "strategy cannot be 'everything'. Choose one of: probe, partial," in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("miss", "0.1"),
        ("n_folds", "5"),
        ("n_folds", 5.5),
        ("minutes", [1]),
        ("tiles", "two"),
        ("int8", "no"),
        ("cache", None),
        ("cache", [1]),
        ("seed", -1),
        ("seed", math.nan),
        ("costs", "sick=10"),
        ("costs", {"sick": "10"}),
    ],
)
def test_values_of_another_type_are_refused_with_the_name(name: str, value: object) -> None:
    with pytest.raises(ParameterError, match=name.removesuffix("s")):
        FitSettings(**{name: value})


def test_numbers_of_numpy_are_numbers() -> None:
    made = FitSettings(
        n_folds=np.int64(3), minutes=np.float32(2), int8=np.False_, miss=None, costs={"a": 2}
    )
    assert (made.n_folds, made.minutes, made.int8) == (3, 2, False)


def test_a_prior_is_refused_when_continuing_from_a_model() -> None:
    """Going on keeps the head's own way of learning: the prior would be left out silently."""
    with pytest.raises(ParameterError) as refused:
        FitSettings(start="m.topwork", prior="p.topwork")
    assert refused.value.code == "decided_by_start"
