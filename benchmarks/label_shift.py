"""Whether estimated shares of classes, and corrections by them, keep what they promise.

`python -m benchmarks.label_shift [CASES]` (320 by default)

A logistic head is fitted on a few hundred items, its temperature on its held-out logits, as `fit`
does; the target is drawn from the same classes with other shares. A case differs in classes, in
items of both sides, in how well and how evenly classes are told apart, in noise (Gaussian, heavy
tails, of different width by class) and in the strength of the shift, none for a third of them.
Truth is the distribution that the target is drawn from.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Record
from topwork.calibration.temperature import fit_temperature
from topwork.heads import fit_logistic, softmax, stratified_folds
from topwork.shift.class_priors import corrected
from topwork.shift.label_shift import LabelShift, label_shift

CASES = 320
FRESH = 5000
N_FOLDS = 5

Float64 = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True)
class AdaptationContext:
    """What is drawn.

    Parameters
    ----------
    k, n, m
        Classes, source items, target items.
    separation
        Length of a class mean, in standard deviations of the noise.
    noise
        ``plain``, ``heavy`` or ``scaled``.
    strength
        Of the shift; the target's shares are drawn from a Dirichlet distribution with the source's
        shares times k over it. 0 for none.
    even
        Whether the source has as many items of every class.
    seed
        Of everything.
    """

    k: int
    n: int
    m: int
    separation: float
    noise: str
    strength: float
    even: bool
    seed: int

    @classmethod
    def drawn(cls, seed: int) -> AdaptationContext:
        """One of very many."""
        rng = np.random.default_rng([seed, 7])
        k = int(rng.choice([2, 3, 5, 10, 30, 100], p=[0.2, 0.2, 0.2, 0.2, 0.14, 0.06]))
        return cls(
            k=k,
            n=800 if k == 100 else int(rng.choice([200, 400, 800])),
            m=int(rng.choice([100, 300, 1000, 5000], p=[0.3, 0.3, 0.25, 0.15])),
            separation=float(rng.choice([1.5, 2.5, 4.0]) * (1 + 0.15 * np.log(k))),
            noise=str(rng.choice(["plain", "heavy", "scaled"])),
            strength=float(rng.choice([0, 0, 0.1, 0.3, 1, 3])),
            even=bool(rng.integers(2)),
            seed=seed,
        )


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a tool would see of a case, and the truth.

    Probabilities of held-out source items (n, k), of target items (m, k) and of fresh ones, after
    the temperature; classes of all; shares that both sides are drawn from, (k,).
    """

    held_out: NDArray[np.float32]
    codes: Codes
    target: NDArray[np.float32]
    target_codes: Codes
    fresh: NDArray[np.float32]
    fresh_codes: Codes
    before: Float64
    after: Float64

    @property
    def source(self) -> Float64:
        """Shares of the source's items, (k,)."""
        return np.bincount(self.codes, minlength=len(self.before)) / len(self.codes)


def draw(case: AdaptationContext) -> Drawn:
    """Items, the head on them and what it says."""
    rng = np.random.default_rng(case.seed)
    k = case.k
    before = np.full(k, 1 / k)
    if not case.even:
        before = np.exp(0.7 * rng.standard_normal(k))
        before /= before.sum()
    after = before
    if case.strength:
        after = rng.dirichlet(np.maximum(k * before / case.strength, 0.02))
    looks = _looks(case, rng)
    codes = np.repeat(np.arange(k), np.maximum(rng.multinomial(case.n, before), 3))
    X = looks(codes)
    logits = _held_out(X, codes, k)
    temperature = fit_temperature(logits, codes).value
    head = fit_logistic(X, codes, k)
    target, fresh = rng.choice(k, case.m, p=after), rng.choice(k, FRESH, p=after)
    said = [head.probabilities(looks(c), temperature=temperature) for c in (target, fresh)]
    held_out = softmax(logits / np.float32(temperature))
    return Drawn(held_out, codes, said[0], target, said[1], fresh, before, after)


def _looks(
    case: AdaptationContext, rng: np.random.Generator
) -> Callable[[Codes], NDArray[np.float32]]:
    """What items of classes (n,) look like, (n, d)."""
    d = max(10, min(40, 2 * case.k))
    means = rng.standard_normal((case.k, d)) * case.separation / np.sqrt(d)
    width = np.exp(0.3 * rng.standard_normal(case.k)) if case.noise == "scaled" else np.ones(case.k)

    def draw(codes: Codes) -> NDArray[np.float32]:
        noise = rng.standard_normal((len(codes), d)) * width[codes, None]
        if case.noise == "heavy":
            noise /= np.sqrt(rng.chisquare(4, (len(codes), 1)) / 2)
        return (means[codes] + noise).astype(np.float32)

    return draw


def _held_out(X: NDArray[np.float32], codes: Codes, k: int) -> NDArray[np.float32]:
    folds = stratified_folds(codes, n_folds=N_FOLDS, seed=0)
    logits = np.empty((len(codes), k), dtype=np.float32)
    for fold in range(N_FOLDS):
        test = folds == fold
        logits[test] = fit_logistic(X[~test], codes[~test], k).logits(X[test])
    return logits


@dataclass(frozen=True)
class Outcome:
    """How one case went.

    Parameters
    ----------
    covered
        Share of classes whose interval holds the truth.
    distance
        Whether the interval of the total variation holds it.
    jointly
        Whether the truth is no further from the estimate than that interval is wide.
    shifted, corrects
        What was said.
    gain_items, gain_fresh
        Accuracy after minus before, on the target's items and on fresh ones of the same shares.
    gain_plain, gain_oracle
        The same on fresh ones by the estimated shares as they are, and by the true ones.
    """

    covered: float
    distance: bool
    jointly: bool
    shifted: bool
    corrects: bool
    gain_items: float
    gain_fresh: float
    gain_plain: float
    gain_oracle: float


def outcome(case: AdaptationContext) -> Outcome:
    """Draw, estimate, correct."""
    data = draw(case)
    found = label_shift(
        data.target, data.source, held_out=data.held_out, codes=data.codes, seed=case.seed
    )
    truth, low, high = data.after, np.array(found.low), np.array(found.high)
    distance = float(np.abs(truth - data.before).sum() / 2)
    off = float(np.abs(truth - found.target).sum() / 2)
    top = found.distance.high or 0.0
    return Outcome(
        covered=float(np.mean((low <= truth) & (truth <= high))),
        distance=found.distance.low <= distance <= top,
        jointly=off <= max(found.distance.value - found.distance.low, top - found.distance.value),
        shifted=found.shifted,
        corrects=found.corrects,
        **_gains(data, found),
    )


def _gains(data: Drawn, found: LabelShift) -> dict[str, float]:
    def gain(p: NDArray[np.float32], codes: Codes, after: NDArray[np.float32]) -> float:
        return float(np.mean(after.argmax(1) == codes) - np.mean(p.argmax(1) == codes))

    fresh, codes = data.fresh, data.fresh_codes
    return {
        "gain_items": gain(data.target, data.target_codes, found.corrected(data.target)),
        "gain_fresh": gain(fresh, codes, found.corrected(fresh)),
        "gain_plain": gain(fresh, codes, corrected(fresh, data.source, found.target)),
        "gain_oracle": gain(fresh, codes, corrected(fresh, data.source, data.after)),
    }


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    cases = [AdaptationContext.drawn(seed) for seed in range(count)]
    found = [(case, outcome(case)) for case in cases]
    record = Record("label_shift")
    record.note("cases", count)
    for by in ("k", "m", "noise", "strength"):
        _table(record, by, found)
    _targets(record, found)
    record.write()


def _table(record: Record, by: str, found: Sequence[tuple[AdaptationContext, Outcome]]) -> None:
    rows = []
    for value in sorted({getattr(case, by) for case, _ in found}):
        some = [vars(o).values() for case, o in found if getattr(case, by) == value]
        rows.append((str(value), len(some), *np.mean(np.array([*map(list, some)], float), axis=0)))
    record.table(f"Means by {by}", (by, "cases", *Outcome.__annotations__), rows)


def _targets(record: Record, found: Sequence[tuple[AdaptationContext, Outcome]]) -> None:
    outcomes = [o for _, o in found]
    still = [o for case, o in found if case.strength == 0]
    moved = [o for case, o in found if case.strength > 0]
    fixed = [o for o in outcomes if o.corrects]
    record.target("coverage by class", _mean([o.covered for o in outcomes]), least=0.93)
    record.target("joint coverage", _mean([o.jointly for o in outcomes]), least=0.9)
    record.target("coverage of the distance", _mean([o.distance for o in outcomes]), least=0.93)
    record.target("shift found where none is", _mean([o.shifted for o in still]), most=0.05)
    record.note("shift found where one is", _mean([o.shifted for o in moved]))
    record.note("cases corrected", len(fixed))
    record.target("least gain, fresh items", min(o.gain_fresh for o in outcomes), least=0)
    record.target("least gain, the target's items", min(o.gain_items for o in outcomes), least=0)
    record.note("mean gain where corrected", _mean([o.gain_fresh for o in fixed]))
    plain = [o.gain_plain for o in moved]
    record.note("least gain by plain correction of real shifts", min(plain))
    record.note("real shifts that plain correction loses by", sum(g < 0 for g in plain))
    for name in ("gain_fresh", "gain_plain", "gain_oracle"):
        record.note(f"mean {name}, real shifts", _mean([getattr(o, name) for o in moved]))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


if __name__ == "__main__":
    main()
