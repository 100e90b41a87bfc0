"""Adapting features to a domain without labels, beside skada: the same features in one run.

skada gets its CORAL, its linear optimal transport and its choice among these, subspace alignment
and no adaptation by each of its scorers without labels, cross-validated as its guide shows. The
network's features are standardised, as its examples do; a rotation onto the axes that the items
span, which loses nothing, then makes its covariances small. Its linear transport fails there with
its own ridge of 1e-8, so that it gets two others.

`python -m benchmarks.adapt_peers`
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from benchmarks.caches import own_cache
from benchmarks.domain_pairs import Pair, pacs_pairs, values_of
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data import Dataset
from topwork.inductive import FitSettings, fit
from topwork.model import Model
from topwork.transductive import AdaptSettings, adapt

OURS = "topwork"
SPLITS = 3
Features = NDArray[np.float32]
Codes = NDArray[np.int64]


def main() -> None:
    record = Record("adapt_peers")
    try:
        import skada  # it switches metadata routing on in all of scikit-learn
    except ImportError:
        record.skip("skada is not installed: pip install 'topwork[bench]'")
        record.write()
        return
    sklearn.set_config(enable_metadata_routing=False)
    rows: list[dict[str, float]] = []
    names: list[str] = []
    models: dict[str, Model] = {}
    spent: dict[str, list[float]] = {}
    with own_cache():
        for pair in pacs_pairs(record):
            if pair.family != "PACS":
                continue
            if pair.fitted not in models:
                models[pair.fitted] = fit(pair.source, FitSettings(baselines=False)).model
            found, seconds = _measured(pair, models[pair.fitted])
            rows.append(found)
            names.append(pair.name)
            for way, value in seconds.items():
                spent.setdefault(way, []).append(value)
            tell(f"{pair.name}: " + ", ".join(f"{n} {v:.3f}" for n, v in found.items()))
    if rows:
        record.note("skada", skada.__version__)
        ways = list(rows[0])
        record.table(
            "Accuracy on the unlabelled domain",
            ("from > to", *ways),
            [
                (n, *(row[way] for way in ways))
                for n, row in zip([*names, "mean"], [*rows, _mean(rows)], strict=True)
            ],
        )
        record.table(
            "Seconds, median", ("way", "s"), [(w, float(np.median(s))) for w, s in spent.items()]
        )
        mean = _mean(rows)
        for way in ways:
            if way.startswith("skada"):
                record.target(f"better than {way} by", mean[OURS] - mean[way], least=0.0)
    record.write()


def _mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {way: float(np.mean([row[way] for row in rows])) for way in rows[0]}


def _measured(pair: Pair, model: Model) -> tuple[dict[str, float], dict[str, float]]:
    """Accuracy and seconds of every way on one pair."""
    done = adapt(model, pair.target.without_targets(), AdaptSettings(deep=False))
    assert done.choice is not None, "no domain of PACS looks like another"
    space, truth = done.choice.proposals[0].space, _codes(pair.target, model)
    found = {
        "source only": float((done.choice.proposals[0].labels == truth).mean()),
        OURS: float((done.model.predict(pair.target.items) == values_of(pair.target)).mean()),
    }
    seconds = {OURS: done.result.seconds}
    ours, theirs = _rotated(space.source, space.target)
    with warnings.catch_warnings(), sklearn.config_context(enable_metadata_routing=True):
        warnings.simplefilter("ignore")
        for way, answers, took in _skada(ours, space.codes, theirs):
            found[way] = float((answers == truth).mean())
            seconds[way] = took
    return found, seconds


def _codes(data: Dataset, model: Model) -> Codes:
    """The classes of labelled items by the model's labels."""
    labels = [str(label) for label in model.labels]
    return np.array([labels.index(value) for value in values_of(data)])


def _rotated(ours: Features, theirs: Features) -> tuple[Features, Features]:
    """Rows of both sides, standardised, on the axes that they span together."""
    both = StandardScaler().fit_transform(np.concatenate([ours, theirs]))
    u, s, _ = np.linalg.svd(both, full_matrices=False)
    rows = (u * s)[:, s > 1e-4 * s[0]].astype(np.float32)
    return rows[: len(ours)], rows[len(ours) :]


def _skada(ours: Features, codes: Codes, theirs: Features) -> Iterator[tuple[str, Codes, float]]:
    """What skada answers for the target: its ways, and its own choices among them and none."""
    from skada import (
        CORALAdapter,
        LinearOTMappingAdapter,
        SubspaceAlignmentAdapter,
        make_da_pipeline,
        metrics,
    )
    from skada.model_selection import SourceTargetShuffleSplit
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_validate
    from sklearn.pipeline import Pipeline

    def pipeline(*adapters: object) -> Pipeline:
        return make_da_pipeline(*adapters, LogisticRegression(max_iter=1000))

    X = np.concatenate([ours, theirs])
    y = np.concatenate([codes, np.full(len(theirs), -1)])
    domain = np.repeat([1, -2], [len(ours), len(theirs)])
    ways = {
        "no adaptation": pipeline(),
        "CORAL": pipeline(CORALAdapter(reg="auto")),
        "linear OT, ridge 0.01": pipeline(LinearOTMappingAdapter(reg=0.01)),
        "linear OT, ridge 1": pipeline(LinearOTMappingAdapter(reg=1.0)),
        "subspace": pipeline(
            SubspaceAlignmentAdapter(n_components=min(64, len(ours) // 2, ours.shape[1] // 2))
        ),
    }
    answers: dict[str, Codes] = {}
    took: dict[str, float] = {}
    for name, way in ways.items():
        begun = time.perf_counter()
        way.fit(X, y, sample_domain=domain)
        answers[name] = way.predict(theirs, sample_domain=np.full(len(theirs), -2))
        took[name] = time.perf_counter() - begun
    for name in ways:
        if name != "no adaptation":
            yield f"skada {name}", answers[name], took[name]
    begun = time.perf_counter()
    scorers = {
        "entropy": metrics.PredictionEntropyScorer(),
        "circular": metrics.CircularValidation(),
        "importance": metrics.ImportanceWeightedScorer(),
    }
    splits = SourceTargetShuffleSplit(n_splits=SPLITS, random_state=0)
    scores = {
        name: cross_validate(
            way,
            X,
            y,
            params={"sample_domain": domain},
            cv=splits,
            scoring=scorers,
            error_score=float("nan"),
        )
        for name, way in ways.items()
    }
    seconds = sum(took.values()) + time.perf_counter() - begun
    for scorer in scorers:
        means = {name: float(np.nanmean(s[f"test_{scorer}"])) for name, s in scores.items()}
        best = max(means, key=lambda name: -np.inf if np.isnan(means[name]) else means[name])
        yield f"skada's choice, {scorer}", answers[best], seconds


if __name__ == "__main__":
    main()
