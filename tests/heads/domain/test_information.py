"""Unlabelled items sharpen a head, prototypes label them, neighbours pass labels on."""

from __future__ import annotations

import numpy as np

from topwork.heads import fit_logistic
from topwork.heads.domain.alignment import standardise
from topwork.heads.domain.information import maximise_information
from topwork.heads.domain.prototypes import prototype_labels
from topwork.heads.linear import normalise_rows, softmax


def _domains(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    codes = rng.integers(3, size=300)
    centres = 0.5 * rng.standard_normal((3, 30))
    source = centres[codes] + rng.standard_normal((300, 30))
    target = centres[codes] + 0.7 * rng.standard_normal((300, 30)) + rng.standard_normal(30)
    return standardise(source)[0], standardise(target)[0], codes


def test_information_sharpens_a_head() -> None:
    gains = []
    for seed in range(5):
        source, target, codes = _domains(seed)
        rng = np.random.default_rng(seed)
        few = rng.permutation(300)[:15]
        head = fit_logistic(source[few], codes[few], 3)
        length = np.float32(np.linalg.norm(source, axis=1).mean())
        after = maximise_information(target, head.weight / length, head.bias)
        right = [(x.argmax(axis=1) == codes).mean() for x in (head.logits(target), after)]
        gains.append(right[1] - right[0])
        assert softmax(after).max(axis=1).mean() > head.probabilities(target).max(axis=1).mean()
    assert np.mean(gains) > 0.03


def test_prototypes_do_not_revive_a_class() -> None:
    rows = normalise_rows(np.random.default_rng(0).standard_normal((40, 5)))
    answers = np.zeros((40, 3), np.float32)
    answers[:20, 0] = answers[20:, 1] = 1
    answers[:, 2] = -1e9  # nothing is ever like it
    labels = prototype_labels(rows, softmax(answers))
    assert set(labels.tolist()) <= {0, 1}
