"""Unlabelled images at one to ten labels per class: two ways to learn from them, and classes that
only the unlabelled ones hold.

`python -m benchmarks.unlabelled_few [SEEDS]` (4 by default; `TOPWORK_BENCH_DATA` names the folder
with CIFAR-mini and PACS-mini)

On stored features: the probe; the self-trained head that `fit --unlabelled` tries; and soft EM
with estimated class shares (`heads.few_shot.predict_together`), for which on new images a logistic
head stands that is fitted on the surest nine tenths of its labels. Some classes are left out of the
labels, not of the unlabelled images; accuracy is on new images of the others. What is used is the
self-trained head where its Brier score on the folds is lower than the probe's, as in a fit.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_data import bench_data
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.calibration.temperature import fit_temperature
from topwork.data import read
from topwork.features.opened_backbone import open_backbone, read_once
from topwork.heads import LinearHead, fit_centroid, fit_logistic, softmax, stratified_folds
from topwork.heads.few_shot import predict_together
from topwork.heads.logistic import LogisticPath, LogisticProblem
from topwork.heads.self_training import EVEN_LABELS, C, SelfTraining, surest
from topwork.metrics.metrics import item_briers
from topwork.runtime.progress import silent
from topwork.settings import FitSettings
from topwork.trials.comparison import MIN_TO_SUBSTITUTE
from topwork.trials.resolved import resolved
from topwork.validation.crossval import JudgedHead, cross_validate_head, suited_head
from topwork.validation.self_trained import cross_validate_self_training

SEEDS = 4
PER_CLASS = (1, 2, 4, 10)
LEFT_OUT = (0, 1, 3)
DOMAINS = ("photo", "art_painting", "cartoon", "sketch")
TEST_PER_CLASS, MOST_PER_CLASS = 15, 165
BELIEVED = 0.9


@dataclass(frozen=True, eq=False)
class Few:
    """Features and codes: a few labelled ones, unlabelled ones, new ones to be judged on."""

    X: NDArray[np.float32]
    codes: NDArray[np.int64]
    unlabelled: NDArray[np.float32]
    new: NDArray[np.float32]
    new_codes: NDArray[np.int64]

    @property
    def k(self) -> int:
        return int(self.codes.max()) + 1

    def accuracy(self, head: LinearHead) -> float:
        return float(np.mean(head.logits(self.new).argmax(axis=1) == self.new_codes))


def features_of(folder: object) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Features and classes of a folder of class folders."""
    data, settings = read(folder), resolved(FitSettings(), "image")
    request = open_backbone(settings.backbone_name, settings).request
    found = read_once(data, request, max_bad=0.0, progress=silent)
    assert data.classes is not None
    return np.asarray(request.store.read(found.keys), np.float32), data.classes.codes


def drawn(
    X: NDArray[np.float32], codes: NDArray[np.int64], n: int, left_out: int, seed: int
) -> Few:
    """So many labelled items of all classes but those that are left out."""
    rng, k = np.random.default_rng(seed), int(codes.max()) + 1
    rows = [rng.permutation(np.flatnonzero(codes == c))[:MOST_PER_CLASS] for c in range(k)]
    known = np.sort(rng.permutation(k)[left_out:])
    labelled = [rows[c][:n] for c in known]
    new = [rows[c][-TEST_PER_CLASS:] for c in known]
    others = [own[n if c in known else 0 : -TEST_PER_CLASS] for c, own in enumerate(rows)]
    places = np.arange(len(known))
    return Few(
        X[np.concatenate(labelled)],
        np.repeat(places, [len(own) for own in labelled]),
        X[np.concatenate(others)],
        X[np.concatenate(new)],
        np.repeat(places, [len(own) for own in new]),
    )


def probe(few: Few) -> LinearHead:
    if suited_head(few.codes) == "centroid":
        return fit_centroid(few.X, few.codes, few.k)
    return fit_logistic(few.X, few.codes, few.k)


def soft_em(few: Few) -> LinearHead:
    P = predict_together(few.X, few.codes, few.unlabelled, few.k)
    said = P.argmax(axis=1)
    sure = surest(P.max(axis=1), said, BELIEVED)
    counts = np.maximum(np.bincount(said[sure], minlength=few.k), 1)
    own = np.bincount(few.codes, minlength=few.k)
    weights = (own / counts)[said[sure]] * EVEN_LABELS / own.mean()
    problem = LogisticProblem.prepare(
        np.concatenate([few.X, few.unlabelled[sure]]),
        np.concatenate([few.codes, said[sure]]),
        few.k,
        sample_weight=np.concatenate([np.ones(len(few.codes)), weights]),
    )
    strength = C * len(few.codes) / len(problem.codes)
    return problem.linear(LogisticPath(problem).reach(strength))


def accuracies(few: Few) -> tuple[float, float, float, float]:
    """Of the probe, the self-trained head, soft EM, and what is used."""
    training = SelfTraining.prepare(few.X, few.codes, few.unlabelled, few.k)
    base, trained = few.accuracy(probe(few)), few.accuracy(training.fit())
    used = trained if _does_better(few, training) else base
    return base, trained, few.accuracy(soft_em(few)), used


def _does_better(few: Few, training: SelfTraining) -> bool:
    """Whether the folds prefer the self-trained head; with one label per class there are none."""
    if len(few.codes) < max(MIN_TO_SUBSTITUTE, 2 * few.k):
        return False
    folds = stratified_folds(few.codes)
    heads = (
        cross_validate_head(few.X, few.codes, few.k, folds=folds),
        cross_validate_self_training(training, few.X, few.codes, folds=folds[None])[0],
    )
    base, trained = (_brier(head, few.codes) for head in heads)
    return trained < base


def _brier(head: JudgedHead, codes: NDArray[np.int64]) -> float:
    temperature = np.float32(fit_temperature(head.logits_oof, codes, seen=head.seen).value)
    return float(item_briers(codes, softmax(head.logits_oof / temperature)).mean())


def sets(record: Record) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
    for parts in (("cifar-mini",), *(("pacs-mini", domain) for domain in DOMAINS)):
        folder = bench_data(record, *parts)
        if folder is not None:
            yield features_of(folder)


def main() -> None:
    seeds = int(next((a for a in sys.argv[1:] if a.isdigit()), SEEDS))
    record, rows = Record("unlabelled_few"), []
    known = list(sets(record))
    for left_out in LEFT_OUT if known else ():
        for n in PER_CLASS:
            found = np.array(
                [
                    [accuracies(drawn(*one, n, left_out, seed)) for seed in range(seeds)]
                    for one in known
                ]
            )
            base, trained, em, used = found.mean(axis=(0, 1))
            least = float((found[..., 3] - found[..., 0]).min())
            gain, other = float(trained - base), float(em - base)
            name = f"{left_out} left out, {n} labels"
            rows.append((name, float(base), gain, other, float(used - base), least))
            tell(f"{name}: {base:.3f}, self-trained {gain:+.3f}, soft EM {other:+.3f}")
            if left_out and n <= 4:
                record.target(f"used, {name}", float(used - base), least=0.0)
    record.table(
        f"mean of {len(known)} sets and {seeds} seeds",
        ("", "probe", "self-trained", "soft EM", "used", "worst run of what is used"),
        rows,
    )
    record.write()


if __name__ == "__main__":
    main()
