"""Models that predict from the columns of a table."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import topwork as tw
from topwork.data.columns.labelled_rows import read_rows
from topwork.errors import BundleError, DataError, ParameterError, UserError
from topwork.inductive.tables.fitting import FittedTable, fit_rows
from topwork.model import TableClassifierModel, TableNumberModel
from topwork.model.tables import TableWarning
from topwork.settings import FitSettings
from topwork.tasks.reading import interpreted

N = 240


def customers(seed: int = 0, n: int = N) -> dict[str, list[Any]]:
    """Who leaves follows from age and city together: no linear head sees it."""
    rng = np.random.default_rng(seed)
    age, city = rng.integers(18, 80, n), rng.integers(0, 3, n)
    z = (age - 50) / 8 * np.where(city == 0, 1, -1) + rng.normal(0, 0.5, n)
    spend = np.exp(rng.normal(4, 1, n))
    return {
        "id": list(range(1, n + 1)),
        "age": [None if i % 17 == 0 else int(a) for i, a in enumerate(age)],
        "city": [["Bern", "Chur", "Genf"][c] for c in city],
        "spend": spend.round(2).tolist(),
        "since": [f"20{10 + i % 13}-0{1 + i % 9}-11" for i in range(n)],
        "empty": [None] * n,
        "churn": ["yes" if one > 0 else "no" for one in z],
        "value": (2 * spend + age + rng.normal(0, 2, n)).round(2).tolist(),
    }


def fitted(table: dict[str, list[Any]], label: str, task: Any = "auto", **more: Any) -> FittedTable:
    data = read_rows(table, columns={"label": label})
    return fit_rows(interpreted(data, task), FitSettings(seed=0), **more)


@pytest.fixture(scope="module")
def churn() -> FittedTable:
    return fitted(customers(), "churn", without=["value"])


@pytest.fixture(scope="module")
def value() -> FittedTable:
    return fitted(customers(), "value", without=["churn"])


def test_trees_are_used_where_columns_matter_together(churn: FittedTable) -> None:
    result = churn.result
    assert [one.name for one in result.tried] == [
        "class frequencies",
        "logistic regression",
        "boosted trees",
    ]
    assert result.head == "boosted trees"
    assert result.scores.balanced_accuracy.low > 0.75
    assert result.columns.numbers == ["age", "spend"]
    assert result.columns.categories == ["city"]
    assert {one.name: one.reason for one in result.columns.left_out} == {
        "id": "an identifier: every row has a number of its own",
        "empty": "nearly all cells are empty",
        "value": "it is to be left out",
    }


def test_a_line_is_used_where_it_is_as_good(value: FittedTable) -> None:
    assert isinstance(value.model, TableNumberModel)
    new = customers(1)
    found = value.model.evaluate({k: v for k, v in new.items() if k != "churn"}, new["value"])
    assert found.scores.r2 is not None
    assert found.scores.r2.value > 0.8
    assert found.coverage is not None
    assert found.coverage.value > 0.8


@pytest.mark.parametrize("seed", [0, 1])
def test_what_no_column_says_alone_is_found_in_few_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(300, 8))
    labels = np.where(X[:, 0] * X[:, 1] + rng.normal(0, 0.5, 300) > 0, "a", "b")
    found = tw.TableClassifier().fit(X, labels).result_
    assert found.head == "boosted trees"
    assert found.scores.accuracy.low > 0.55


def test_noise_is_answered_by_a_constant() -> None:
    rng = np.random.default_rng(3)
    table = {f"x{j}": rng.normal(size=120).tolist() for j in range(6)}
    one = fitted({**table, "label": (["a", "b"] * 60)}, "label")
    assert one.result.head == "constant"
    number = fitted({**table, "label": rng.normal(size=120).tolist()}, "label", "number")
    assert number.result.head == "constant"


@pytest.mark.parametrize("which", ["churn", "value"])
def test_a_saved_model_predicts_the_same_in_a_new_process(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    model = request.getfixturevalue(which).model
    new = customers(1)
    csv = tmp_path / "new.csv"
    names = list(new)
    lines = [";".join(names)]
    lines += [
        ";".join("" if new[name][i] is None else str(new[name][i]) for name in names)
        for i in range(N)
    ]
    csv.write_text("\ufeff" + "\n".join(lines), "utf-8")
    path = model.save(tmp_path / "m.topwork")
    assert {p.suffix for p in path.iterdir()} <= {".json", ".safetensors", ".html", ".md"}
    code = (
        "import sys, topwork as tw; m = tw.load(sys.argv[1]);"
        "print(list((m.predict_proba(sys.argv[2]) if m.task == 'classes' "
        "else m.predict(sys.argv[2])).ravel().astype(float).tolist()))"
    )
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(path), str(csv)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    mine = model.predict_proba(new) if which == "churn" else model.predict(new)
    assert [float(one) for one in told.strip()[1:-1].split(",")] == mine.ravel().tolist()
    assert tw.load(path).identity == model.identity


def test_a_changed_bundle_is_refused(churn: FittedTable, tmp_path: Path) -> None:
    path = churn.model.save(tmp_path / "m.topwork")
    (path / "head.safetensors").write_bytes(b"x")
    with pytest.raises(BundleError):
        tw.load(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("left", 0), ("right", 9999), ("feature", 99), ("value", np.inf), ("width", 3)],
)
def test_trees_that_could_not_be_gone_through_are_refused(
    churn: FittedTable, tmp_path: Path, name: str, value: float
) -> None:
    path = churn.model.save(tmp_path / "m.topwork")
    arrays = load_file(path / "head.safetensors")
    arrays[name][0] = value
    save_file(arrays, path / "head.safetensors")
    manifest = json.loads((path / "manifest.json").read_text())
    digest = hashlib.sha256((path / "head.safetensors").read_bytes()).hexdigest()
    manifest["files"]["head.safetensors"] = digest
    (path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError) as refused:
        tw.load(path)
    assert refused.value.code != "changed_file"


def test_a_missing_column_is_told_and_a_wrong_type_refused(churn: FittedTable) -> None:
    model, new = churn.model, customers(1)
    assert isinstance(model, TableClassifierModel)
    without = {k: v for k, v in new.items() if k != "spend"}
    with pytest.warns(TableWarning, match="no column 'spend'"):
        assert len(model.predict(without)) == N
    with pytest.raises(DataError, match="holds no numbers") as refused:
        model.predict({**new, "age": ["old", "young"] * (N // 2)})
    assert (refused.value.code, bool(refused.value.remedy)) == ("wrong_type", True)
    with pytest.raises(DataError, match="none of the columns"):
        model.predict({"other": [1, 2]})
    with pytest.warns(TableWarning, match="1 in 'city'"):
        model.predict({**{k: v[:2] for k, v in new.items()}, "city": ["Bern", "Atlantis"]})


def test_equal_rows_are_in_one_fold_and_do_not_flatter() -> None:
    rng = np.random.default_rng(0)
    table = {f"x{j}": np.repeat(rng.normal(size=60), 2)[:100].tolist() for j in range(4)}
    more = {f"x{j}": rng.normal(size=150).tolist() for j in range(4)}
    both = {name: [*cells, *more[name]] for name, cells in table.items()}
    labels = [*np.repeat(rng.permutation(["a", "b"] * 30), 2)[:100], *["a", "b"] * 75]
    result = fitted({**both, "label": list(map(str, labels))}, "label").result
    assert (result.duplicates.n_items, result.duplicates.n_groups) == (100, 50)
    assert result.scores.accuracy.value < 0.65


def test_a_copy_of_the_label_is_left_out_and_groups_are_kept() -> None:
    table = customers()
    table["churn 2"] = table["churn"]
    table["group"] = [i // 4 for i in range(N)]
    table["shop_id"] = [i % 40 for i in range(N)]
    result = fitted(table, "churn").result
    reasons = {one.name: one.reason for one in result.columns.left_out}
    assert reasons["churn 2"] == "the same as the label"
    assert "group" not in {*reasons, *result.columns.numbers}
    table.pop("group")
    assert any("--columns group=shop_id" in note for note in fitted(table, "churn").result.notes)


def test_tables_that_cannot_be_used_are_refused_with_a_remedy() -> None:
    table = customers()
    few = {name: cells[:3] for name, cells in table.items()} | {"churn": ["yes", "no", "no"]}
    for wrong, code in (
        (few, "too_few"),
        ({**table, "churn": ["no"] * N}, "one_class"),
        ({"churn": table["churn"], "empty": [None] * N}, "too_few_columns"),
    ):
        with pytest.raises(DataError) as refused:
            fitted(wrong, "churn")
        assert (refused.value.code, bool(refused.value.remedy)) == (code, True)
    with pytest.raises(DataError, match="several columns called"):
        fit_rows(read_rows(_Twice(), columns={"label": "churn"}))
    with pytest.raises(DataError, match="has no column") as lacking:
        read_rows(table)
    assert lacking.value.code == "missing_column"
    with pytest.raises(ParameterError, match="images and texts only"):
        fit_rows(read_rows(table, columns={"label": "churn"}), FitSettings(backbone="pixels"))
    with pytest.raises(DataError, match="only classes and numbers"):
        fitted({**table, "churn": [["a", "b"], ["b"]] * (N // 2)}, "churn")


class _Twice:
    """A frame with two columns of one name."""

    column_names = ("age", "churn", "churn")

    def __getitem__(self, name: str) -> list[str]:
        return ["yes", "no"] * 10

    def __len__(self) -> int:
        return 20


def test_two_numbers_are_classes_and_can_be_numbers() -> None:
    table = {**customers(), "churn": [int(c == "yes") for c in customers()["churn"]]}
    assert fitted(table, "churn", without=["value"]).result.task == "classes"
    assert fitted(table, "churn", "number", without=["value"]).result.task == "number"


def test_frames_and_arrays_are_read_alike() -> None:
    pandas = pytest.importorskip("pandas")
    table = {k: v for k, v in customers().items() if k in ("age", "spend", "city")}
    labels = customers()["churn"]
    of_dict = tw.TableClassifier().fit(table, labels)
    frame = pandas.DataFrame(table)
    of_frame = tw.TableClassifier().fit(frame, labels)
    assert np.array_equal(of_frame.predict_proba(frame), of_dict.predict_proba(frame))
    X = np.random.default_rng(0).normal(size=(60, 2))
    regressor = tw.TableRegressor().fit(X, 3 * X[:, 0])
    assert regressor.score(X, 3 * X[:, 0]) > 0.95
    assert regressor.predict(X[:1]).shape == (1,)
    with pytest.raises(UserError):
        tw.TableClassifier(n_folds=1).fit(table, labels)
