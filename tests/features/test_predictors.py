"""Columns of tables as numbers to predict from."""

from __future__ import annotations

import numpy as np

from topwork.features.columns import ColumnEncoding, learn_predictors

rng = np.random.default_rng(0)
N = 200
WORDS = ["late", "broken", "friendly", "fast", "wrong colour"]
TABLE: dict[str, list[str | None]] = {
    "id": [str(1000 + i) for i in range(N)],
    "age": [None if i % 9 == 0 else f"{rng.normal(50, 9):.1f}" for i in range(N)],
    "income": [f"{rng.pareto(1.1) * 1e4:.0f}" for _ in range(N)],
    "city": [f"city {rng.zipf(1.5) % 60}" for _ in range(N)],
    "member": [["yes", "no"][int(rng.integers(2))] for _ in range(N)],
    "since": [f"20{i % 20:02d}-{1 + i % 12:02d}-11" for i in range(N)],
    "note": [
        f"the delivery number {i} was {WORDS[i % 5]} and {WORDS[i * i % 5]} today" for i in range(N)
    ],
    "gone": [None] * N,
    "same": ["x"] * N,
}


def test_every_column_is_used_or_said_to_be_left_out() -> None:
    encoding, _ = learn_predictors(TABLE, without={"member": "it is the target"})
    kinds = {one.name: one.kind for one in encoding.columns}
    assert kinds == {
        "age": "number",
        "income": "number",
        "city": "category",
        "since": "date",
        "note": "words",
    }
    assert {one.name: one.reason for one in encoding.left_out} == {
        "id": "an identifier: every row has a number of its own",
        "gone": "nearly all cells are empty",
        "same": "one value",
        "member": "it is the target",
    }
    X = encoding.transform(TABLE)
    assert X.shape == (N, len(encoding.features)) == (N, len(encoding.blocks()))
    assert X.dtype == np.float32
    assert "age: missing" in encoding.features
    assert "note: 'broken'" in encoding.features
    age = encoding.features.index("age")
    assert abs(X[:, age].std() - np.sqrt((TABLE["age"].count(None) - N) / -N)) < 1e-6
    assert np.abs(X[:, encoding.features.index("income")]).max() < 5


def test_it_is_the_same_when_it_is_read_again_and_rows_do_not_depend_on_each_other() -> None:
    encoding, _ = learn_predictors(TABLE)
    again = ColumnEncoding.model_validate_json(encoding.model_dump_json())
    X = again.transform(TABLE)
    assert (encoding.transform(TABLE) == X).all()
    alone = again.transform({name: cells[7:8] for name, cells in TABLE.items()})
    assert (alone == X[7]).all()


def test_unseen_values_and_missing_columns_are_told_and_count_as_missing() -> None:
    encoding, _ = learn_predictors(TABLE)
    few: dict[str, list[str | None]] = {"age": ["old", "44"], "city": ["Atlantis", None]}
    assert encoding.missing(few) == ["income", "member", "since", "note"]
    assert encoding.unknown(few) == {"age": 1, "city": 1}
    X = encoding.transform(few)
    assert np.isfinite(X).all()
    income = encoding.features.index("income")
    assert (X[:, income] == 0).all()


def test_numbers_far_beyond_those_learnt_from_count_as_the_farthest_of_these() -> None:
    encoding, _ = learn_predictors({"age": TABLE["age"], "income": TABLE["income"]})
    near, far = encoding.transform({"age": ["1e9", "-1e300"], "income": ["1e300", "0"]})
    assert near[0] < 4
    assert far[0] > -4
