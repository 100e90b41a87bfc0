"""A saved model is hostile input: it predicts as before, or is refused in a sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from tests.language import model_folder, reviews
from tests.model.attacked import Outcome
from tests.model.mutations import EVERYWHERE, IMAGES, TEXTS, copied, seal
from topwork.data import read
from topwork.inductive import FitSettings, fit

CASES = [
    *(("image", name) for name in (*EVERYWHERE, *IMAGES)),
    *(("text", name) for name in (*EVERYWHERE, *TEXTS)),
]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system doesn't fork")


def _images(folder: Path, drawn: Path) -> tuple[Path, str]:
    """A good model of images, and an input for it."""
    settings = FitSettings(backbone="packaged:efficientnet_lite0/64", baselines=False)
    saved = fit(read(drawn), settings).model.save(folder / "i.topwork")
    return saved, str(sorted(drawn.rglob("*.png"))[0])


def _texts(folder: Path, drawn: Path) -> tuple[Path, str]:
    """The same of texts."""
    settings = FitSettings(
        backbone=f"transformers:tiny@{model_folder(folder / 'bert')}", n_folds=3, baselines=False
    )
    return fit(read(*reviews(60)), settings).model.save(folder / "t.topwork"), "fine lovely word1"


GOOD = {"image": _images, "text": _texts}


@pytest.fixture(scope="module")
def outcomes(
    drawn: Path, session_cache: Path, tmp_path_factory
) -> Callable[[str], Mapping[str, Outcome]]:
    """What came of every mutation of a kind's model, in one process; "" is the good model.

    A worker that was given cases of one kind does not attack the other.
    """

    @cache
    def of(kind: str) -> Mapping[str, Outcome]:
        bundle, item = GOOD[kind](tmp_path_factory.mktemp("good"), drawn)
        names = ["", *(name for case, name in CASES if case == kind)]
        place = tmp_path_factory.mktemp("attacked")
        folders = []
        for i, name in enumerate(names):
            folder = copied(bundle, place / f"{i}.topwork")
            if name:
                {**EVERYWHERE, **IMAGES, **TEXTS}[name](folder)
                seal_if_it_can_be(folder)
            folders.append(str(folder))
        done = subprocess.run(
            [sys.executable, "-m", "tests.model.attacked", item, *folders],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        lines = done.stdout.splitlines()
        return {name: Outcome(**json.loads(line)) for name, line in zip(names, lines, strict=True)}

    return of


def seal_if_it_can_be(folder: Path) -> None:
    with suppress(ValueError, RecursionError, KeyError):  # the manifest itself was attacked
        seal(folder)


def test_the_good_models_predict(outcomes) -> None:
    assert outcomes("image")[""].predictions[0]["label"] == "discs"
    assert outcomes("text")[""].predictions[0]["label"] == "good"


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_changed_model_is_refused_in_a_sentence_or_predicts_as_before(
    outcomes, kind: str, name: str
) -> None:
    assert outcomes(kind)[name].fault(outcomes(kind)[""].predictions) == ""


@pytest.mark.parametrize("name", ["manifest of a newer schema", "card of a newer version"])
def test_a_newer_model_says_so(outcomes, name: str) -> None:
    error = json.loads(outcomes("text")[name].out)["error"]
    assert "newer version of topwork" in error["message"]
    assert error["remedy"].startswith("Upgrade topwork")


@pytest.mark.parametrize(
    "name", ["graph of NaN", "header of 2^62 bytes", "card of fewer labels", "card nested", "loop"]
)
def test_the_known_attacks_are_refused(outcomes, name: str) -> None:
    assert [outcomes(kind)[name].status for kind in ("image", "text")] == [2, 2]
