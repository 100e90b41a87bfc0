"""Numbers that stand for categories, in the groups of rows."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import topwork as tw
from topwork.cli.app import run
from topwork.errors import ParameterError
from topwork.model import RowClusterModel


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two kinds of shops, told by their branches, postcodes and age; a branch is no amount."""
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 2, 240)
    branch = np.where(kind, rng.choice([1, 5, 7], 240), rng.choice([2, 4, 9], 240))
    place = np.where(kind ^ (rng.random(240) < 0.1), "01067", "80331")
    age = rng.normal(30 + 20 * kind, 4).round(1)
    path = tmp_path_factory.mktemp("rows") / "shops.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["branch", "plz", "age"])
        writer.writerows(zip(branch.tolist(), place.tolist(), age.tolist(), strict=True))
    return path


def test_columns_are_read_as_named_and_stay_so_in_the_model(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["cluster", str(table), "--k", "2", "-o", str(tmp_path / "m")]
    assert run([*given, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["columns"]["numbers"], found["columns"]["categories"]) == (
        ["branch", "age"],
        ["plz"],
    )
    sentence = found["sentences"][2]
    assert "(numbers: branch, age; categories: plz)" in sentence
    option = sentence.rpartition(", add ")[2].removesuffix(".").split()
    assert option == ["--categorical", "branch"]
    assert run([*given, *option, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["columns"]["categories"] == ["branch", "plz"]
    model = tw.load(tmp_path / "m")
    assert isinstance(model, RowClusterModel)
    kinds = {one.name: one.kind for one in model.card.encoding.columns}
    assert kinds == {"branch": "category", "plz": "category", "age": "number"}
    same = model.predict({"branch": [1, 5], "plz": ["01067"] * 2, "age": [50.0] * 2})
    assert same[0] == same[1]


def test_the_estimator_takes_names_too(table: Path) -> None:
    found = tw.Clusterer(n_clusters=2, categorical=["branch"]).fit(table).result_
    assert found.columns is not None
    assert found.columns.categories == ["branch", "plz"]


@pytest.mark.parametrize(
    ("categorical", "said", "remedy"),
    [
        (["brnach"], "no such column", "Did you mean 'branch'?"),
        (["x"], "no such column", "Its columns are: branch, plz, age."),
        ("branch", "is a list of names", "categorical=['branch']"),
    ],
)
def test_names_that_cannot_be_meant(categorical: Any, said: str, remedy: str, table: Path) -> None:
    with pytest.raises(ParameterError, match=said) as refused:
        tw.Clusterer(categorical=categorical).fit(table)
    assert remedy in refused.value.remedy


def test_images_have_no_columns(drawn: Path) -> None:
    with pytest.raises(ParameterError, match="no rows of a table"):
        tw.Clusterer(categorical=["branch"], backbone="pixels").fit(drawn)
