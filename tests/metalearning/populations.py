"""Classes drawn from a population, some easier to tell than others."""

from __future__ import annotations

import numpy as np

from topwork.heads import fit_centroid
from topwork.metalearning.episodes import EpisodeSampler

D = 12


def population(
    rng: np.random.Generator, k: int, n: int
) -> tuple[np.ndarray, list[list[np.ndarray]]]:
    """n rows of each of k classes, (k · n, D), and the rows of each class, each its own group."""
    centres = rng.normal(size=(k, D)) * rng.uniform(0.5, 1.2, (k, 1))
    X = np.repeat(centres, n, axis=0) + rng.normal(size=(k * n, D))
    members = [[np.array([row]) for row in range(c * n, (c + 1) * n)] for c in range(k)]
    return X.astype(np.float32), members


def accuracies(seed: int, k: int, *, n_episodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Of the nearest class mean in episodes of one drawn set, 5-way 1-shot; and their classes."""
    X, members = population(np.random.default_rng(seed), k, 20)
    sampler, found, classes = EpisodeSampler(members, 5, 1, 5, "balanced"), [], []
    for own in np.random.SeedSequence(seed).spawn(n_episodes):
        episode = sampler.draw(np.random.default_rng(own))
        head = fit_centroid(X[episode.support], episode.support_codes, 5)
        right = head.logits(X[episode.queries]).argmax(axis=1) == episode.query_codes
        found.append(right.mean())
        classes.append(episode.classes)
    return np.array(found), np.stack(classes)
