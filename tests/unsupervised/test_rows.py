"""Groups of the rows of a table: found or not, named, saved, and the same for ever."""

from __future__ import annotations

import csv
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import topwork as tw
from tests.unsupervised.customers import Columns, customers, shuffled, write
from topwork.cli.app import run
from topwork.data.columns import row_table
from topwork.errors import BadItemsError, BundleError, DataError, ParameterError
from topwork.model import RowClusterModel
from topwork.settings import ClusterSettings
from topwork.transductive.candidates.cluster_support import matched_share
from topwork.unsupervised.clustering.rows.fitting import ClusteredRows, cluster_rows
from topwork.unsupervised.clustering.rows.reading import read_groupable


@pytest.fixture(scope="module")
def shop() -> tuple[Columns, np.ndarray]:
    return customers()


@pytest.fixture(scope="module")
def clustered(shop: Any, tmp_path_factory: pytest.TempPathFactory) -> ClusteredRows:
    target = tmp_path_factory.mktemp("rows") / "m.topwork"
    return cluster_rows(row_table(shop[0]), save_to=target)


def test_kinds_of_customers_are_found_counted_and_named(
    shop: Any, clustered: ClusteredRows
) -> None:
    found = clustered.result
    assert (found.structure.found, found.k, found.stands_out) == (True, 3, True)
    assert matched_share(clustered.evidence.codes, shop[1]) > 0.88
    assert min(c.stability.value for c in found.clusters) > 0.8
    names = " | ".join(one.name for one in found.clusters)
    for words in ("low age", "few visits", "high spent", "mostly channel store", "high age"):
        assert words in names
    first = found.clusters[0].differences[0]
    assert first.column in ("age", "visits", "spent")
    assert first.size < -0.4
    assert first.detail.startswith("median ")
    assert found.sentences[0].startswith("These rows form groups (p = 0.01")


def test_useless_columns_are_named_with_the_reason(clustered: ClusteredRows) -> None:
    columns = clustered.result.columns
    assert columns is not None
    assert columns.used == ["age", "visits", "spent", "since", "channel", "newsletter"]
    assert {one.name: one.reason for one in columns.left_out} == {
        "customer_id": "an identifier: every row has a number of its own",
        "currency": "one value",
        "spent_in_cents": "the same as 'spent'",
        "notes": "free text",
        "fax": "nearly all cells are empty",
    }
    assert "customer_id (an identifier" in clustered.result.sentences[2]


def test_shuffled_columns_are_no_groups(shop: Any) -> None:
    found = cluster_rows(row_table(shuffled(shop[0]))).result
    assert not found.structure.found
    assert found.sentences[0].startswith("No groups are shown (p = ")
    assert "not a discovery" in found.sentences[0]


def test_a_column_that_others_say_little_of_divides_nothing() -> None:
    """Yes or no, which three groups answer a little differently, made six of them."""
    rng = np.random.default_rng(3)
    kinds = rng.choice(3, 400, p=[0.25, 0.5, 0.25])
    often = rng.random(400) < np.array([0.7, 0.5, 0.9])[kinds]
    table = {
        "spent": rng.lognormal(np.array([7.0, 4.0, 5.3])[kinds], 0.4),
        "visits": np.maximum(rng.normal(np.array([4, 3, 25])[kinds], 2), 0).round(),
        "age": rng.normal(np.array([58, 28, 45])[kinds], 7).round(),
        "last": np.datetime64("2023-01-01")
        + np.array([0, 730, 365])[kinds]
        + rng.integers(0, 365, 400),
        "newsletter": np.where(often, "yes", "no"),
    }
    found = cluster_rows(row_table({name: [str(v) for v in c] for name, c in table.items()}))
    assert found.result.columns is not None
    left_out = {one.name: one.reason for one in found.result.columns.left_out}
    assert left_out == {"newsletter": "it would divide rows alone: others say little of it"}
    assert (found.result.structure.found, found.result.k) == (True, 3)
    assert matched_share(found.evidence.codes, kinds) > 0.95


def test_one_factor_behind_answers_is_no_groups() -> None:
    """Answers that vary together along one line have two or five values each, but no groups."""
    claimed = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        answers = rng.normal(size=(300, 1)) + rng.normal(size=(300, 8))
        levels = np.clip(np.round(answers + 3), 1, 5).astype(int)
        table = {f"q{j}": [str(v) for v in levels[:, j]] for j in range(8)}
        found = cluster_rows(row_table(table), ClusterSettings(n_clusters=2)).result
        assert found.columns is not None
        assert found.columns.n_axes >= 1
        claimed += found.structure.found
    assert claimed <= 1


def test_wine_is_divided_as_well_as_by_k_means() -> None:
    from sklearn.datasets import load_wine

    X, y = load_wine(return_X_y=True)
    table = {f"c{j}": X[:, j].tolist() for j in range(X.shape[1])}
    found = tw.Clusterer().fit(table)
    assert (found.result_.structure.found, found.n_clusters_) == (True, 3)
    assert matched_share(found.labels_, y) > 0.95


def test_the_saved_model_gives_every_row_its_cluster_in_any_order(
    shop: Any, clustered: ClusteredRows
) -> None:
    assert clustered.result.model is not None
    model = tw.load(clustered.result.model)
    assert isinstance(model, RowClusterModel)
    codes = clustered.evidence.codes
    turn = np.random.default_rng(3).permutation(len(codes))
    turned = {name: [cells[i] for i in turn] for name, cells in shop[0].items()}
    assert model.predict(turned).tolist() == codes[turn].tolist()
    single = [{name: [cells[i]] for name, cells in shop[0].items()} for i in range(20)]
    assert [int(model.predict(row)[0]) for row in single] == codes[:20].tolist()
    again = model.predictions(shop[0])
    assert again.outliers.tolist() == clustered.evidence.outliers.tolist()
    assert (again.seconds != again.codes).all()
    assert pickle.loads(pickle.dumps(model)).predict(shop[0]).tolist() == codes.tolist()
    assert model.identity == clustered.model.identity


def test_the_order_of_rows_changes_nothing(shop: Any, clustered: ClusteredRows) -> None:
    backwards = {name: cells[::-1] for name, cells in shop[0].items()}
    found = cluster_rows(row_table(backwards))
    assert found.evidence.codes[::-1].tolist() == clustered.evidence.codes.tolist()
    assert found.model.card.names == clustered.model.card.names
    assert found.result.structure == clustered.result.structure


def test_a_value_that_no_row_had_and_empty_cells_are_no_reason(
    shop: Any, clustered: ClusteredRows
) -> None:
    rows = {name: cells[:3] for name, cells in shop[0].items()}
    strange = {**rows, "channel": ["pigeon", None, "web"], "age": ["old", None, "30"]}
    assert clustered.model.predict(strange).shape == (3,)
    encoded = clustered.model.card.encoding.transform(strange)
    assert not encoded[0, clustered.model.card.encoding.blocks() == 4].any()


def test_a_missing_column_is_named(shop: Any, clustered: ClusteredRows) -> None:
    lacking = {name: cells for name, cells in shop[0].items() if name not in ("age", "since")}
    with pytest.raises(DataError, match="no columns 'age', 'since'; its columns are: ") as refused:
        clustered.model.predict(lacking)
    assert refused.value.code == "missing_column"


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_predict_takes_files_and_says_which_columns_it_does_not_use(
    form: str, shop: Any, clustered: ClusteredRows, tmp_path: Path, capsys: Any
) -> None:
    columns = {**shop[0], "mood": ["good"] * len(shop[1])}
    notes = [f"Columns of {tmp_path / 'new'}.{form} that the model does not use: mood."]
    table = tmp_path / f"new.{form}"
    if form == "csv":
        write(table, columns)
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table(columns), table)
    out = tmp_path / "p.csv"
    assert run(["predict", str(clustered.result.model), str(table), "-o", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["modality"] == "row"
    assert [p["cluster"] for p in found["predictions"]] == clustered.evidence.codes.tolist()
    first = 2 if form == "csv" else 1
    assert found["predictions"][0]["path"] == f"{table}:{first}"
    assert found["notes"] == notes
    assert out.read_text().startswith("path,cluster,name,nearness,second,outlier\n")
    strange = {**shop[0], "channel": ["pigeon", *shop[0]["channel"][1:]]}
    other = write(tmp_path / "other.csv", strange)
    assert run(["predict", str(clustered.result.model), str(other)]) == 0
    assert "count as missing: 1 in channel" in capsys.readouterr().err


def test_the_command_compares_with_a_column_that_it_keeps_out(
    shop: Any, tmp_path: Path, capsys: Any
) -> None:
    table = write(tmp_path / "shop.csv", {**shop[0], "kind": [f"kind {k}" for k in shop[1]]})
    out = tmp_path / "m.topwork"
    assert run(["cluster", str(table), "--compare", "kind", "-o", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["task"], found["modality"], found["k"]) == ("clusters", "row", 3)
    assert {"name": "kind", "reason": "compared with the clusters"} in found["columns"]["left_out"]
    assert found["compared"]["adjusted_rand"]["value"] > 0.7
    with Path(found["assignments"]).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["path", "cluster", "name", "outlier"]
    assert rows[0]["path"] == f"{table}:2"
    page = (out / "report.html").read_text("utf-8")
    assert "They differ from all items by low age (median 26, of all " in page
    assert run(["cluster", str(table), "-o", str(out)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("These rows form groups")
    assert "Rows are grouped by" in shown
    assert " are outliers, 0 equal another one in the columns used." in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cluster", "TABLE", "--audit", "9"], "--audit draws pairs of images or texts"),
        (["cluster", "TABLE", "--compare", "folder"], "goes with files in folders"),
        (["cluster", "TABLE", "--compare", "moon"], "has no column 'moon'"),
        (["evaluate", "MODEL", "TABLE"], "clusters of the rows of a table"),
        (["predict", "MODEL", "-"], "- is standard input"),
        (["predict", "MODEL", "TABLE", "--threshold", "0.5"], "find objects"),
        (["predict", "MODEL", "MODEL"], "is a saved model, and data are needed"),
        (["adapt", "MODEL", "TABLE"], "this one predicts clusters"),
        (["watch", "MODEL", "TABLE"], "this one does neither"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str],
    said: str,
    shop: Any,
    clustered: ClusteredRows,
    tmp_path: Path,
    capsys: Any,
) -> None:
    table = str(write(tmp_path / "shop.csv", shop[0]))
    known = {"MODEL": str(clustered.result.model), "TABLE": table}
    assert run([*(known.get(a, a) for a in arguments), "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert said in error["message"]
    assert error["remedy"]


def test_tables_of_texts_and_of_images_stay_what_they_are(tmp_path: Path) -> None:
    texts = {"text": [f"text {i} of many" for i in range(30)], "stars": [i % 5 for i in range(30)]}
    found = read_groupable(texts)
    assert found.kind.name == "text"
    assert found.hints[-1].endswith("--kind row (kind='row') groups its rows by their columns.")
    assert read_groupable(texts, items="row").kind.name == "row"
    renamed = {"review": texts["text"], "stars": texts["stars"]}
    file = str(write(tmp_path / "reviews.csv", renamed))
    assert (
        "out of its column 'review'" in read_groupable(file, columns={"text": "review"}).hints[-1]
    )
    images = {"file": [f"{i}.jpg" for i in range(30)], "stars": [i % 5 for i in range(30)],
              "size": [i % 7 for i in range(30)]}  # fmt: skip
    with pytest.raises(DataError, match="no column") as refused:
        read_groupable(images)
    assert "--kind row" in refused.value.remedy
    numbers = write(tmp_path / "n.csv", {str(j / 2): ["1", "2", "3"] * 9 for j in range(3)})
    with pytest.raises(DataError, match="no column"):
        read_groupable(str(numbers))


def test_too_few_rows_columns_and_clusters_are_refused(shop: Any) -> None:
    few = {name: cells[:12] for name, cells in shop[0].items()}
    with pytest.raises(DataError, match="12 items"):
        cluster_rows(row_table(few))
    with pytest.raises(DataError, match="1 columns that its rows can be grouped by"):
        cluster_rows(row_table({"age": list(range(1, 90, 3)), "of": ["x"] * 30}))
    with pytest.raises(ParameterError, match="n_clusters"):
        cluster_rows(row_table(shop[0]), ClusterSettings(n_clusters=300))
    with pytest.raises(DataError, match="no table of columns"):
        row_table(3)
    with pytest.raises(DataError, match="different content"):
        cluster_rows(row_table({"a": ["1", "2", "3"] * 20, "b": ["2", "5", "1", "9"] * 15}))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda card: card["names"].append("one more"), "other_shape"),
        (lambda card: card["encoding"]["columns"].pop(), "other_shape"),
        (lambda card: card["encoding"]["columns"][0]["scale"].update(deviation=0), "bad_card"),
        (lambda card: card["encoding"]["columns"][4]["shares"].append(0.1), "bad_card"),
        (lambda card: card["encoding"]["columns"][0].update(name="visits"), "bad_card"),
        (lambda card: card.update(kind="image"), "bad_card"),
    ],
)
def test_a_bundle_that_contradicts_itself_is_refused(
    change: Any, code: str, clustered: ClusteredRows, tmp_path: Path
) -> None:
    import hashlib

    folder = clustered.model.save(tmp_path / "m.topwork")
    card = json.loads((folder / "model.json").read_text())
    change(card)
    (folder / "model.json").write_text(json.dumps(card))
    manifest = json.loads((folder / "manifest.json").read_text())
    digest = hashlib.sha256((folder / "model.json").read_bytes()).hexdigest()
    manifest["files"]["model.json"] = digest
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError) as refused:
        tw.load(folder)
    assert refused.value.code == code


def test_what_a_model_cannot_hold_stays_out_of_it(shop: Any, tmp_path: Path) -> None:
    columns = {name: cells[:120] for name, cells in shop[0].items()}
    columns[""] = [f"{i % 13}.5" for i in range(120)]
    columns["odd"] = ["\ud800x", "x" * 20_000, "plain"] * 40
    columns["seldom"] = [*["a"] * 60, *["b"] * 54, *("y" * 20_000 + str(i) for i in range(6))]
    found = cluster_rows(
        row_table(columns), ClusterSettings(n_clusters=2), save_to=tmp_path / "m.topwork"
    )
    assert found.result.columns is not None
    left_out = {one.name: one.reason for one in found.result.columns.left_out}
    assert left_out[""] == "it has no name"
    assert left_out["odd"] == "texts of more than 1,000 characters"
    assert "seldom" in found.result.columns.used
    again = tw.load(tmp_path / "m.topwork")
    assert again.predict(columns).tolist() == found.evidence.codes.tolist()


def test_a_model_that_could_not_be_opened_replaces_nothing(
    clustered: ClusteredRows, tmp_path: Path
) -> None:
    folder = clustered.model.save(tmp_path / "m.topwork")
    parts = clustered.model.parts
    card = parts.card.model_copy(update={"names": ["x" * 20_000, "b", "c"]})
    with pytest.raises(BundleError, match=r"opened again: model\.json says") as refused:
        RowClusterModel(replace(parts, card=card)).save(folder)
    assert refused.value.code == "unreadable"
    assert tw.load(folder).identity == clustered.model.identity


def test_rows_that_cannot_be_read_keep_their_place(
    shop: Any, clustered: ClusteredRows, tmp_path: Path, capsys: Any
) -> None:
    columns = {name: cells[:120] for name, cells in shop[0].items()}
    lines = write(tmp_path / "good.csv", columns).read_text().splitlines()
    table = tmp_path / "bad.csv"
    table.write_text("\n".join([*lines[:3], "too,few", *lines[3:], "1,2"]) + "\n")
    with pytest.raises(BadItemsError, match=r"2 of 122 inputs cannot be read: .*bad\.csv:4"):
        clustered.model.predict(table)
    expected = clustered.model.predict(columns).tolist()
    codes = clustered.model.predict(table, bad="none").tolist()
    assert codes == [*expected[:2], -1, *expected[2:], -1]
    found = tw.Clusterer(kind="row", n_clusters=2).fit(table)
    assert found.labels_.shape == (122,)
    assert np.flatnonzero(found.labels_ == -1).tolist() == [2, 121]
    assert [one.path for one in found.result_.rejected] == [f"{table}:4", f"{table}:123"]
    assert (found.predict(table, bad="none")[[2, 121]] == -1).all()
    assert run(["predict", str(clustered.result.model), str(table), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [one["reason"] for one in printed["rejected"]] == ["bad_row", "bad_row"]
    assert len(printed["predictions"]) == 120


@pytest.mark.parametrize(("row", "said"), [("", "it has none"), ("1,2\n", "bad_row")])
def test_predicting_no_row_at_all_is_an_error(
    row: str, said: str, shop: Any, clustered: ClusteredRows, tmp_path: Path, capsys: Any
) -> None:
    table = tmp_path / "empty.csv"
    table.write_text(",".join(shop[0]) + "\n" + row)
    assert run(["predict", str(clustered.result.model), str(table), "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert said in error["message"]
    assert error["code"] == "nothing_readable"
