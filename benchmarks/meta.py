"""Whether a prior of earlier tasks helps with one label per class, and is refused where it can't.

`python -m benchmarks.meta [ALPHABETS]` (16 by default; `TOPWORK_BENCH_DATA` names the folder with
PACS-mini; parts without their data are skipped)

Tasks are drawn alphabets, new ones disjoint from those that the prior was learnt from. Unrelated
tasks are simulated: classes of each vary along axes of its own. Then photographs are given to a fit
with the alphabets' prior.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.bench_data import bench_data
from benchmarks.drawn_alphabets import write_alphabet
from benchmarks.record import Record
from topwork.data import Dataset, read
from topwork.inductive import FitSettings, fit
from topwork.metalearning import meta_learn
from topwork.metalearning.closed_form import Task, learn
from topwork.metalearning.episodes import groups_by_class

ALPHABETS = 16
NEW = 12
UNRELATED = 20
PRIOR = "earlier tasks"


def unrelated_task(seed: int, n: int, d: int = 64) -> Task:
    """Eight classes of twelve rows, whose directions of variation belong to this task alone."""
    rng = np.random.default_rng((seed, n))
    turn = np.linalg.qr(rng.normal(size=(d, d)))[0]
    spread = np.geomspace(3, 0.3, d)
    codes = np.repeat(np.arange(8), 12)
    X = rng.normal(size=(8, d))[codes] * 0.8 + (rng.normal(size=(96, d)) * spread) @ turn
    return Task(str(n), X.astype(np.float32), codes, groups_by_class(codes, np.arange(96)))


def one_of_each(data: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """One labelled item per class, and all others."""
    assert data.targets is not None
    rng, codes = np.random.default_rng(seed), data.targets.codes
    chosen = np.array([rng.choice(np.flatnonzero(codes == c)) for c in np.unique(codes)])
    return data.take(chosen), data.take(np.setdiff1d(np.arange(len(data)), chosen))


def accuracies(data: Dataset, prior: Path, seed: int) -> tuple[float, float, bool]:
    """Without and with the prior, and whether it was used."""
    few, rest = one_of_each(data, seed)
    found = []
    for given in (None, prior):
        fitted = fit(few, FitSettings(baselines=False, prior=given))
        found.append(float(fitted.model.evaluate(rest).scores.accuracy.value))
    return found[0], found[1], PRIOR in fitted.artifacts.chosen.candidate.name


def main() -> None:
    alphabets = int(next((a for a in sys.argv[1:] if a.isdigit()), ALPHABETS))
    record = Record("meta")
    with tempfile.TemporaryDirectory() as place:
        base = Path(place, "base")
        for seed in range(alphabets):
            write_alphabet(base / f"alphabet{seed:02}", seed)
        prior = Path(place, "prior.topwork")
        learnt = meta_learn(base, prior)
        gain = learnt.gain
        record.note("gain on alphabets that were left out", [gain.value, gain.low, gain.high])
        trained = meta_learn(base, Path(place, "trained.topwork"), method="protonet").trained
        assert trained is not None
        more = trained.added
        record.note("a metric trained on episodes adds", [more.value, more.low, more.high])
        record.target("a metric trained on episodes adds at least", more.low, least=0.0)
        layers = meta_learn(base, Path(place, "layers"), method="anil").trained
        assert layers is not None
        adds = layers.added
        record.note("layers trained on episodes add", [adds.value, adds.low, adds.high])
        record.target("worst gain of an alphabet", min(t.gain for t in learnt.tasks), least=-0.01)
        gains: list[float] = []
        for seed in range(NEW):
            new = read(write_alphabet(Path(place, f"new{seed}"), 1000 + seed))
            plain, better, _ = accuracies(new, prior, seed)
            gains.append(better - plain)
        record.target("gain of a fit on new alphabets", float(np.mean(gains)), least=0.06)
        record.target("worst of them", min(gains), least=-0.01)
        folder = bench_data(record, "pacs-mini", "photo")
        if folder is not None:
            found = [accuracies(read(folder), prior, seed) for seed in range(UNRELATED)]
            used = sum(own for *_, own in found)
            record.target("photographs: runs of 20 that use the prior", used, most=1)
            worst = min(b - a for a, b, _ in found)
            record.target("photographs: worst difference", worst, least=-0.01)
    shipped = 0
    for seed in range(UNRELATED):
        shipped += learn([unrelated_task(seed, n) for n in range(10)], seed=seed).pays
    record.target("runs of 20 with unrelated tasks that ship a prior", shipped, most=1)
    record.write()


if __name__ == "__main__":
    main()
