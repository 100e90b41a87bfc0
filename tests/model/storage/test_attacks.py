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
from tests.model.mutations import ANY_TASK, EVERYWHERE, IMAGES, TEXTS, copied, seal
from tests.model.row_mutations import ROWS
from tests.unsupervised.customers import customers, write
from topwork.data import read
from topwork.data.columns import row_table
from topwork.inductive import FitSettings, fit
from topwork.settings import ClusterSettings
from topwork.unsupervised.clustering.rows.fitting import cluster_rows

MUTATIONS = {
    "image": {**EVERYWHERE, **IMAGES},
    "text": {**EVERYWHERE, **TEXTS},
    "row": {**ANY_TASK, **ROWS},
}
CASES = [(kind, name) for kind, mutations in MUTATIONS.items() for name in mutations]
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


def _rows(folder: Path, drawn: Path) -> tuple[Path, str]:
    """The same of the rows of a table."""
    columns, _ = customers(120)
    model = cluster_rows(row_table(columns), ClusterSettings(n_clusters=3)).model
    few = {name: cells[:20] for name, cells in columns.items()}
    return model.save(folder / "r.topwork"), str(write(folder / "rows.csv", few))


GOOD = {"image": _images, "text": _texts, "row": _rows}


@pytest.fixture(scope="module")
def outcomes(
    drawn: Path, session_cache: Path, tmp_path_factory
) -> Callable[[str], Mapping[str, Outcome]]:
    """What came of every mutation of a kind's model, in one process; "" is the good model.

    A worker that was given cases of one kind does not attack the others.
    """

    @cache
    def of(kind: str) -> Mapping[str, Outcome]:
        bundle, item = GOOD[kind](tmp_path_factory.mktemp("good"), drawn)
        names = ["", *MUTATIONS[kind]]
        place = tmp_path_factory.mktemp("attacked")
        folders = []
        for i, name in enumerate(names):
            folder = copied(bundle, place / f"{i}.topwork")
            if name:
                MUTATIONS[kind][name](folder)
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
    assert len({one["name"] for one in outcomes("row")[""].predictions}) == 3


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


def test_every_change_to_a_model_of_rows_is_refused(outcomes) -> None:
    assert [name for name in ROWS if outcomes("row")[name].status != 2] == []
