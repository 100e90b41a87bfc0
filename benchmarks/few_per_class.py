"""What is selected, and what is said of it, where there are one to three items per class.

Pictures of one colour and noise, 2 to 100 classes, and in every fifth draw two classes of which one
has 60 items; the features are the pixels. The probe is judged on 20 other pictures per class.

`python -m benchmarks.few_per_class [DRAWS]`
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from benchmarks.caches import own_cache
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data import Dataset, read
from topwork.features.opened_backbone import read_once
from topwork.inductive import FitSettings, fit
from topwork.inductive.fitting import Fitted
from topwork.runtime.progress import silent

DRAWS = 200
MAX_CLASSES, MAX_PER_CLASS, NEW_PER_CLASS = 100, 3, 20


def main() -> None:
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS
    record = Record("few_per_class")
    with own_cache():
        found = np.array([_draw(i) for i in range(draws)])
    above, constant, claims, score = found.T
    record.note("draws", draws)
    record.note("draws in which the probe is above chance", int(above.sum()))
    record.note("mean over draws of its balanced accuracy", float(score.mean()))
    wrong = int(np.sum((above == 1) & (constant == 1)))
    record.target("draws that ship the constant where the probe is above chance", wrong, most=0)
    record.target("sentences that claim more than the interval", int(claims.sum()), most=0)
    record.write()


def _draw(i: int) -> tuple[bool, bool, bool, float]:
    """Whether the probe is above chance, the constant ships, too much is said; and the score."""
    rng = np.random.default_rng(i)
    k = int(np.exp(rng.uniform(np.log(2), np.log(MAX_CLASSES + 1))))
    counts = rng.integers(1, MAX_PER_CLASS + 1, k)
    if i % 5 == 0:
        counts = np.array([60, rng.integers(2, MAX_PER_CLASS + 1)])
    colours = rng.uniform(30, 225, (len(counts), 3))
    noise = rng.uniform(5, 120)
    known = _images(colours, counts, noise, rng)
    fitted = fit(known, FitSettings(backbone="pixels", cache=False, seed=i))
    new = _images(colours, np.full(len(counts), NEW_PER_CLASS), noise, rng)
    score = _probe_score(fitted, new)
    # three standard errors of the mean recall above chance
    margin = 3 * np.sqrt(score * (1 - score) / len(new))
    constant = fitted.artifacts.chosen.candidate.head == "majority"
    tell(f"draw {i}: {len(known)} of {len(counts)} classes, probe {score:.3f}, {constant=}")
    return score > 1 / len(counts) + margin, constant, _claims_too_much(fitted), score


def _images(
    colours: NDArray[np.float64], counts: NDArray[np.int64], noise: float, rng: np.random.Generator
) -> Dataset:
    codes = np.repeat(np.arange(len(counts)), counts)
    shift = rng.normal(0, noise / 2, (len(codes), 1, 1, 3))
    pixels = colours[codes][:, None, None] + shift + rng.normal(0, noise, (len(codes), 12, 12, 3))
    return read(list(pixels.clip(0, 255).astype(np.uint8)), [f"c{c:03d}" for c in codes])


def _probe_score(fitted: Fitted, new: Dataset) -> float:
    transfer = fitted.artifacts.transfer
    wanted = transfer.frozen.opened.request
    part = transfer.frozen.opened.part(new, read_once(new, wanted, max_bad=0.0, progress=silent))
    assert part.data.targets is not None
    right = transfer.head.linear.logits(part.features).argmax(axis=1) == part.data.targets.codes
    return float(right.mean())


def _claims_too_much(fitted: Fitted) -> bool:
    found = fitted.result.transfer
    assert found is not None
    low, high = found.gain.low, found.gain.high
    if low is not None and high is not None and not -1 <= low <= high <= 1:
        return True
    said = found.sentence
    helps, useless = "Transfer helps" in said, "does not help" in said
    bad = helps and not (low is not None and low > 0)
    return bad or (useless and not (high is not None and high < 0.01))


if __name__ == "__main__":
    main()
