"""How good models of the columns of a table are, and whether what they say of themselves holds.

`python -m benchmarks.tables_alone`

Five tables of scikit-learn and three simulated ones (a line, an effect of two columns together, and
noise), each divided into halves, drawn anew for every seed: a model is fitted on one, which gives a
score and its interval, and judged on the other. Beside it stand what users would write by hand:
logistic regression or ridge with a chosen penalty on standardised columns, and scikit-learn's
boosted trees as they are. The interval must hold the score on the other half for most of the
divisions, and the selected model must hardly be worse than the better one by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Record
from topwork.data.columns.labelled_rows import read_rows
from topwork.heads import stratified_folds
from topwork.inductive.tables.fitting import fit_rows
from topwork.settings import FitSettings
from topwork.tasks.reading import interpreted

SEEDS = (0, 1, 2, 3)
N = 600

Table = tuple[NDArray[np.float64], NDArray[Any]]


def _of_scikit_learn(name: str) -> Callable[[np.random.Generator], Table]:
    def loaded(rng: np.random.Generator) -> Table:  # noqa: ARG001  the table is what it is
        from sklearn import datasets

        found = getattr(datasets, f"load_{name}")()
        return found.data, found.target

    return loaded


def line(rng: np.random.Generator) -> Table:
    """A number that a line predicts."""
    X = rng.normal(size=(N, 8))
    return X, X @ rng.normal(size=8) + rng.normal(0, 1, N)


def together(rng: np.random.Generator) -> Table:
    """Two classes that follow from two columns together, and from none alone."""
    X = rng.normal(size=(N, 8))
    return X, (X[:, 0] * X[:, 1] + rng.normal(0, 0.5, N) > 0).astype(int)


def noise(rng: np.random.Generator) -> Table:
    """Two classes that nothing predicts."""
    return rng.normal(size=(N, 8)), rng.integers(0, 2, N)


TABLES: Mapping[str, tuple[Callable[[np.random.Generator], Table], bool]] = {
    "iris": (_of_scikit_learn("iris"), True),
    "wine": (_of_scikit_learn("wine"), True),
    "breast cancer": (_of_scikit_learn("breast_cancer"), True),
    "digits": (_of_scikit_learn("digits"), True),
    "diabetes": (_of_scikit_learn("diabetes"), False),
    "a line": (line, False),
    "two columns together": (together, True),
    "noise": (noise, True),
}
"""By name: what draws it, and whether its targets are classes."""


def _by_hand(X: Any, y: Any, X_new: Any, *, classes: bool) -> dict[str, Any]:
    """What models by hand predict."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    logistic = GridSearchCV(LogisticRegression(max_iter=1000), {"C": [0.01, 0.1, 1, 10]})
    linear = logistic if classes else RidgeCV(np.logspace(-2, 3, 11))
    trees = HistGradientBoostingClassifier() if classes else HistGradientBoostingRegressor()
    return {
        "linear by hand": make_pipeline(StandardScaler(), linear).fit(X, y).predict(X_new),
        "trees by hand": trees.fit(X, y).predict(X_new),
    }


def _score(true: Any, predicted: Any, *, classes: bool) -> float:
    """Accuracy, or the negative mean absolute error over that of the median."""
    if classes:
        return float((true == predicted).mean())
    return -float(np.abs(true - predicted).mean() / np.abs(true - np.median(true)).mean())


def judge(record: Record, name: str) -> tuple[float, list[bool]]:
    """How far the selected model is below the better one by hand, and where the interval holds."""
    draw, classes = TABLES[name]
    rows, holds = [], []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        X, y = draw(rng)
        strata = y if classes else np.digitize(y, np.quantile(y, np.arange(1, 10) / 10))
        half = stratified_folds(strata, n_folds=2, seed=seed) == 0
        task = "classes" if classes else "number"
        data = interpreted(read_rows(X[half], y[half], task=task), task)
        fitted = fit_rows(data, FitSettings(seed=seed))
        predicted = fitted.model.predict(X[~half])
        said = fitted.result.scores.accuracy if classes else fitted.result.scores.mae
        new = (predicted == y[~half]) if classes else np.abs(predicted - y[~half])
        error = float(new.std() / np.sqrt(len(new))) + (1 / len(new) if classes else 0.0)
        high = np.inf if said.high is None else said.high
        holds.append(said.low - 2 * error <= float(new.mean()) <= high + 2 * error)
        others = _by_hand(X[half], y[half], X[~half], classes=classes)
        scores = {n: _score(y[~half], p, classes=classes) for n, p in others.items()}
        own = _score(y[~half], predicted, classes=classes)
        rows.append((str(seed), fitted.result.head, own, *scores.values(), holds[-1]))
    record.table(name, ("seed", "selected", "score", *others, "interval holds"), rows)
    gaps = [max(row[3:5]) - row[2] for row in rows]
    return float(np.mean(gaps)), holds


def main() -> None:
    """Judge every table and write what was found."""
    record = Record("tables_alone")
    found = {name: judge(record, name) for name in TABLES}
    every = [one for _, holds in found.values() for one in holds]
    record.target("largest mean gap to the better model by hand",
                  max(gap for name, (gap, _) in found.items() if name != "noise"),
                  most=0.03)  # fmt: skip
    record.target(
        "share of intervals that hold on the other half", float(np.mean(every)), least=0.9
    )
    record.write()


if __name__ == "__main__":
    main()
