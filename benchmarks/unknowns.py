"""Which items are told to be unknown: left-out classes, and strangers to small sets.

`python -m benchmarks.unknowns`

Left-out classes: two at a time of photographs, drawings and tiny photographs, every pair of them; a
fifth of the known classes' images is held out, another fifth for every pair. Scores of all pairs
are pooled into one area under the curve. Strangers: detectors are fitted on 60 % of each small set
at 5 % false alarms; the rest says how many false alarms there are, and five kinds of items that are
neither in the set nor among those that the package brings say how many strangers are found, beside
what the fit promised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import Record
from benchmarks.stranger_sets import SmallSet, image_sets, text_sets
from benchmarks.timing import tell
from benchmarks.unknown_scores import CANDIDATES, N_FOLDS, Array, Codes, Scorer
from topwork.calibration.conformal import held_out_rank
from topwork.data import read
from topwork.heads import stratified_folds
from topwork.inductive import FitSettings
from topwork.intake.survey import survey
from topwork.metrics.auroc import auroc
from topwork.metrics.intervals import Units
from topwork.novelty.unknown import UnknownDetector, fit_unknown
from topwork.runtime.run_context import RunContext

DATA = (
    ("pacs-mini", "photo"),
    ("pacs-mini", "art_painting"),
    ("pacs-mini", "cartoon"),
    ("pacs-mini", "sketch"),
    ("cifar-mini", "train"),
)
RATE = 0.05
PER_CLASS = 60
"""Of cifar-mini: as many as the others have, about."""


def main() -> None:
    record = Record("unknowns")
    areas: dict[str, dict[str, float]] = {}
    alarms = []
    for parts in DATA:
        folder = bench_data(record, *parts)
        if folder is None:
            continue
        name = " ".join(parts)
        X, codes = _features(folder)
        areas[name] = {way: _area(fit, X, codes) for way, fit in CANDIDATES.items()}
        area, false, found = _detector(X, codes)
        alarms.append((name, area, false, found))
        tell(f"{name}: {area:.3f}, false alarms {false:.3f}")
        if parts == ("pacs-mini", "photo"):
            record.target("photographs: area under the curve", area, least=0.90)
            record.target("photographs: false alarms", false, most=0.08)
            record.target("photographs: false alarms", false, least=0.03)
    if areas:
        rows = [
            (way, *(found[way] for found in areas.values()), _mean(areas, way))
            for way in CANDIDATES
        ]
        record.table(
            "Area under the curve, unknown against known",
            ("score", *areas, "mean"),
            sorted(rows, key=lambda row: -row[-1]),
        )
        record.table(
            "The detector that ships, at 5 %",
            ("data", "area under the curve", "false alarms", "unknown ones found"),
            alarms,
        )
    root = bench_data(record)
    if root is not None:
        with own_cache():
            sets = [*image_sets(root), *text_sets(root)]
            pixels = image_sets(root, "pixels")
        _held_against_the_promise(record, _strangers(record, "Strangers to small sets", sets))
        _strangers(record, "The same images as raw pixels", pixels)
        _scores_alone(record, sets)
    record.write()


@dataclass(frozen=True, slots=True)
class Found:
    """Of one set where unknown is on: shares promised and found, and of false alarms."""

    promised: float
    found: float
    false: float


def _strangers(record: Record, title: str, sets: list[SmallSet]) -> list[Found]:
    """What is promised and what happens on every set; those where it is on."""
    rows, on = [], []
    for one in sets:
        split, detector = _detector_of(one)
        false = float(detector.unknown(split.known).mean())
        each = {kind: float(detector.unknown(X).mean()) for kind, X in one.strangers.items()}
        mean, told = float(np.mean(list(each.values()))), "off"
        measured = detector.unrelated
        share = measured.share.value if measured else None
        if measured and detector.used_threshold is not None:
            on.append(Found(measured.expected, mean, false))
            told = ", ".join(f"{kind} {share:.2f}" for kind, share in each.items())
        shown = (on[-1].promised, mean, false) if told != "off" else (None, None, None)
        rows.append((one.name, len(split.X), share, *shown, told))
    headings = ("set", "items", "measured", "promised", "found", "false alarms", "of each kind")
    record.table(title, headings, rows)
    record.note(f"{title}: sets", len(sets))
    record.note(f"{title}: switched off", len(sets) - len(on))
    return on


def _held_against_the_promise(record: Record, on: list[Found]) -> None:
    gaps = [one.found - one.promised for one in on]
    record.note("strangers: mean false alarms", float(np.mean([one.false for one in on])))
    record.target(
        "strangers: median share found", float(np.median([one.found for one in on])), least=0.8
    )
    record.target("strangers: largest gap to the promise", max(map(abs, gaps)), most=0.1)


def _detector_of(one: SmallSet) -> tuple[Trial, UnknownDetector]:
    split = _split(one)
    folds = stratified_folds(split.codes, n_folds=N_FOLDS)
    detector = fit_unknown(split.X, split.codes, folds=folds, unrelated=lambda: one.packed)
    return split, detector


def _split(one: SmallSet) -> Trial:
    fifths = stratified_folds(one.codes, n_folds=N_FOLDS)
    train = fifths < 3
    return Trial(one.X[train], one.codes[train], one.X[~train], one.packed[0])


def _scores_alone(record: Record, sets: list[SmallSet]) -> None:
    """Every score as the detector, its threshold from held-out items of each set."""
    rows = []
    for way, fit in CANDIDATES.items():
        found, alarms = [], []
        for one in sets:
            split = _split(one)
            threshold = _threshold(fit, split.X, split.codes)
            scorer = fit(split.X, split.codes)
            alarms.append((scorer(split.known) > threshold).mean())
            found.append(np.mean([(scorer(X) > threshold).mean() for X in one.strangers.values()]))
        rows.append((way, *np.quantile(found, (0.5, 0.1, 0)).tolist(), float(np.mean(alarms))))
        tell(f"{way}: {rows[-1][1]:.3f}")
    record.table(
        "Strangers found at 5 % by each score alone",
        ("score", "median of the sets", "lowest tenth", "lowest", "false alarms"),
        sorted(rows, key=lambda row: -row[2]),
    )


def _threshold(fit: Callable[[Array, Codes], Scorer], X: Array, codes: Codes) -> float:
    folds = stratified_folds(codes, n_folds=N_FOLDS)
    scores = np.zeros(len(X))
    for fold in np.unique(folds):
        out = folds == fold
        scores[out] = fit(X[~out], codes[~out])(X[out])
    rank = min(held_out_rank(Units.of(len(X), None), RATE), len(X))
    return float(np.sort(scores)[rank - 1])


def _mean(areas: dict[str, dict[str, float]], way: str) -> float:
    return float(np.mean([found[way] for found in areas.values()]))


def _features(folder: Path) -> tuple[Array, Codes]:
    data = read(folder)
    assert data.targets is not None
    codes = data.targets.codes
    rng = np.random.default_rng(0)
    kept = [rng.permutation(np.flatnonzero(codes == c))[:PER_CLASS] for c in np.unique(codes)]
    with own_cache():
        some = data.take(np.sort(np.concatenate(kept)))
        frozen = survey(some, RunContext(FitSettings(baselines=False))).frozen
        assert frozen.data.targets is not None
        return frozen.features.astype(np.float32), frozen.data.targets.codes


@dataclass(frozen=True, eq=False)
class Trial:
    """One pair left out: what to fit on, held-out rows of known classes, unknown rows."""

    X: Array
    codes: Codes
    known: Array
    unknown: Array


def _trials(X: Array, codes: Codes) -> list[Trial]:
    folds = stratified_folds(codes, n_folds=N_FOLDS)
    trials = []
    for i, pair in enumerate(combinations(np.unique(codes), 2)):
        out = np.isin(codes, pair)
        test = ~out & (folds == i % N_FOLDS)
        train = ~out & ~test
        trials.append(Trial(X[train], codes[train], X[test], X[out]))
    return trials


def _pooled(known: list[Array], unknown: list[Array]) -> float:
    scores = np.concatenate(known + unknown)
    return auroc(scores, np.arange(len(scores)) >= sum(map(len, known)))[0]


def _area(fit: Callable[[Array, Codes], Scorer], X: Array, codes: Codes) -> float:
    known, unknown = [], []
    for trial in _trials(X, codes):
        scorer = fit(trial.X, trial.codes)
        known.append(scorer(trial.known))
        unknown.append(scorer(trial.unknown))
    return _pooled(known, unknown)


def _detector(X: Array, codes: Codes) -> tuple[float, float, float]:
    """Area under the curve, false alarms, and unknown images found, of all pairs."""
    known, unknown, false, found = [], [], [], []
    for trial in _trials(X, codes):
        folds = stratified_folds(trial.codes, n_folds=N_FOLDS)
        detector = fit_unknown(trial.X, trial.codes, folds=folds)
        known.append(detector.space.scores(trial.known))
        unknown.append(detector.space.scores(trial.unknown))
        false.append(known[-1] > detector.threshold)
        found.append(unknown[-1] > detector.threshold)
    shares = (float(np.concatenate(said).mean()) for said in (false, found))
    return (_pooled(known, unknown), *shares)


if __name__ == "__main__":
    main()
