"""A folder that holds nothing but a table: every command names the table, and what to type."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from topwork.cli.app import run
from topwork.data import read
from topwork.errors import DataError


@pytest.fixture(scope="module")
def places(session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table of texts, one with a table of numbers, and models of both."""
    top = tmp_path_factory.mktemp("folders")
    rng = np.random.default_rng(0)
    for name in ("films", "customers"):
        (top / name).mkdir()
    words = ("good fine great", "poor dull weak")
    texts = [" ".join(rng.permutation(words[i % 2].split())) + f" {i}" for i in range(24)]
    films = pd.DataFrame({"text": texts, "label": ["liked", "not"] * 12})
    films.to_csv(top / "films" / "my films.tsv", sep="\t", index=False)
    customers = pd.DataFrame(rng.integers(20, 70, (60, 3)), columns=["age", "visits", "spent"])
    customers.to_csv(top / "customers" / "rows.csv", index=False)
    fit = ["fit", str(top / "films" / "my films.tsv"), "-o", str(top / "m"), "--no-baselines"]
    assert run([*fit, "--folds", "2", "-q"]) == 0
    assert run(["cluster", str(top / "customers" / "rows.csv"), "-o", str(top / "rows"), "-q"]) == 0
    return top


@pytest.mark.parametrize(
    "typed",
    [
        "fit {films} --seed 3",
        "fit {films} --kind text",
        "fit {films} --columns label=label",
        "check {films}/",
        "rank {films}",
        "cluster {films}",
        "cluster {customers} --kind row",
        "map {films}",
        "search {films} good",
        "pretrain {films}",
        "evaluate {top}/m {films}",
        "predict {top}/m {films}",
        "predict {top}/rows {customers}",
        "adapt {top}/m {films}",
        "fit {table} --target {films}",
    ],
)
def test_every_command_names_the_table(typed: str, places: Path, capsys) -> None:
    table = places / "films" / "my films.tsv"
    folders = {name: str(places / name) for name in ("films", "customers")}
    words = [w.format(top=places, table=table, **folders) for w in shlex.split(typed)]
    capsys.readouterr()
    assert run(words) == 2
    remedy = shlex.split(capsys.readouterr().err.strip().rpartition("Type: ")[2])
    there = {folders["films"]: str(table), folders["customers"]: f"{folders['customers']}/rows.csv"}
    assert remedy == ["topwork", *(there.get(word.rstrip("/"), word) for word in words)]


@pytest.mark.parametrize("extension", [".csv", ".tsv", ".xlsx", ".jsonl", ".parquet"])
def test_every_form_of_table_is_found(extension: str, tmp_path: Path) -> None:
    (tmp_path / f"rows{extension}").touch()
    with pytest.raises(DataError, match=f"holds no images, but a table: .*rows{extension}") as told:
        read(tmp_path)
    assert told.value.remedy == f"Give the table itself, '{tmp_path}/rows{extension}'."


def test_of_several_the_one_for_training_is_named(tmp_path: Path) -> None:
    """They may lie one folder below, and hidden ones are none."""
    (tmp_path / "data").mkdir()
    for name in ("test.csv", "train.csv", "validation.csv", ".left.csv"):
        (tmp_path / "data" / name).touch()
    with pytest.raises(DataError, match="3 tables") as told:
        read(tmp_path)
    assert told.value.instead == (str(tmp_path), str(tmp_path / "data" / "train.csv"))
    with pytest.raises(DataError, match=r"but a table: .*train\.csv"):
        read(tmp_path, exclude=("test.csv", "validation.csv"))


def test_settings_of_programs_are_no_tables(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"a": 1}')
    with pytest.raises(DataError, match="No images were found"):
        read(tmp_path)
    (tmp_path / "rows.json").write_text(' [{"path": "a.jpg", "label": 1}]')
    with pytest.raises(DataError, match=r"a table: .*rows\.json"):
        read(tmp_path)
