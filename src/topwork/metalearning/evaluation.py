"""From a labelled set to how well few labelled items per class do."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.data import ClassTargets
from topwork.errors import DataError, ParameterError
from topwork.heads import fit_centroid, normalise_rows
from topwork.heads.few_shot import predict_together
from topwork.intake.collection import Collection, collect
from topwork.intake.labelled import undivided
from topwork.metalearning.episodes import EpisodeSampler, Queries, groups_by_class
from topwork.metalearning.result import ClassInterval, EpisodesResult, Estimated, ShotsResult
from topwork.metalearning.uncertainty import over_classes, over_episodes
from topwork.quality import find_duplicates
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.counted import counted
from topwork.runtime.parallel import one_blas_thread, side_by_side
from topwork.runtime.progress import Progress, silent
from topwork.settings import FeatureSettings

N_QUERIES: Final = 15
"""Items to predict per class, as is usual."""

MIN_EPISODES: Final = 20


@dataclass(frozen=True, eq=False, slots=True)
class Evaluated:
    """Accuracy of e episodes.

    Parameters
    ----------
    alone, together
        Of the nearest class mean, and of all items predicted together, (e,).
    classes
        Of each episode, (e, ways).
    """

    alone: NDArray[np.float64]
    together: NDArray[np.float64]
    classes: NDArray[np.int64]


def run_episodes(
    X: NDArray[np.float32], sampler: EpisodeSampler, n: int, *, seed: int = 0
) -> Evaluated:
    """Accuracy in n episodes on features X ``(n_rows, d)``; the same for the same seed."""
    rows = normalise_rows(X)
    seeds = np.random.SeedSequence((seed, sampler.shots)).spawn(n)

    def one(own: np.random.SeedSequence) -> tuple[float, float, NDArray[np.int64]]:
        episode = sampler.draw(np.random.default_rng(own))
        S, Q, ways = rows[episode.support], rows[episode.queries], sampler.ways
        head = fit_centroid(S, episode.support_codes, ways)
        alone = head.logits(Q).argmax(axis=1) == episode.query_codes
        P = predict_together(S, episode.support_codes, Q, ways)
        together = P.argmax(axis=1) == episode.query_codes
        return float(alone.mean()), float(together.mean()), episode.classes

    with one_blas_thread():
        found = side_by_side(one, seeds)
    alone, together, classes = zip(*found, strict=True)
    return Evaluated(np.array(alone), np.array(together), np.stack(classes))


@where_settings_say
def evaluate_episodes(
    data: object,
    *,
    ways: int = 5,
    shots: Sequence[int] = (1, 5),
    episodes: int = 600,
    queries: Queries = "balanced",
    n_queries: int = N_QUERIES,
    settings: FeatureSettings | None = None,
    backbone: str | None = None,
    progress: Progress = silent,
    **reading: Any,
) -> EpisodesResult:
    """How well few labelled items per class do, over many small tasks drawn from labelled data.

    Each episode takes some classes, labels some items of each, and predicts others. Copies, and
    what the data say belongs together, never stand on both sides. Two intervals come with each
    accuracy: over episodes, as papers print it, and over classes with their items, which is the one
    that holds for other classes.

    Parameters
    ----------
    data
        Class folders, a table, a list of items with labels, or a `topwork.Dataset`.
    ways
        Classes of an episode.
    shots
        Labelled items per class; each number is evaluated.
    episodes
        How many are drawn.
    queries
        ``balanced``, or ``dirichlet`` for classes of unequal shares.
    n_queries
        Items to predict per class, on average.
    backbone
        The network; the usual one where it is not given.
    reading
        How data are read: ``kind``, ``columns``, ``header``, ``root`` as in `topwork.read`.

    Raises
    ------
    DataError
        The data have no classes, or too few of them have enough items.
    ParameterError
        A number can't be used.
    """
    settings = settings or FeatureSettings()
    _check(ways, shots, episodes, n_queries, queries)
    found = collect(data, settings, backbone=backbone, labelled=True, progress=progress, **reading)
    targets = found.data.targets
    if not isinstance(targets, ClassTargets):
        raise DataError(
            f"Episodes are drawn from classes, but the {found.data.kind.name}s have none.",
            remedy="Give class folders, or a table with a column label.",
            code="no_labels",
        )
    begun = time.monotonic()
    groups = independent_groups(found, targets)
    members, names = groups_by_class(targets.codes, groups), targets.labels
    X, notes, results = np.asarray(found.features, np.float32), [], []
    for n_shots in dict.fromkeys(shots):
        large = [own for own in members if len(own) > n_shots]
        _check_classes(len(large), len(names), ways, n_shots)
        if len(large) < len(names):
            few = len(names) - len(large)
            notes.append(
                f"{counted(few, 'class', 'classes')} with fewer than {n_shots + 1} independent "
                f"items {'is' if few == 1 else 'are'} left out at {counted(n_shots, 'shot')}."
            )
        sampler = EpisodeSampler(large, ways, n_shots, n_queries, queries)
        results.append(_summary(run_episodes(X, sampler, episodes, seed=settings.seed), sampler))
    if len(members) < ways + 2:
        notes.append(
            f"With {len(members)} classes and {ways} in each episode nothing can be said about "
            "other classes; fewer --ways allow it."
        )
    return EpisodesResult(
        task="classes",
        modality=found.data.kind.name,
        ways=ways,
        episodes=episodes,
        queries=queries,
        shots=results,
        backbone=found.network,
        n_items=len(found),
        n_groups=len(np.unique(groups)),
        seconds=round(time.monotonic() - begun, 2),
        rejected=list(found.rejected),
        skipped=dict(found.data.ignored),
        notes=[*found.data.hints, *notes],
    )


def independent_groups(found: Collection, targets: ClassTargets) -> NDArray[np.int64]:
    """What must not be split, (n,): copies, and what the data say belongs together."""
    similarity = found.similarity(np.arange(len(found)))
    duplicates = find_duplicates(found.keys, similarity, found.features, targets.codes)
    return undivided(found.data, duplicates)


def _summary(found: Evaluated, sampler: EpisodeSampler) -> ShotsResult:
    gain = found.together - found.alone
    return ShotsResult(
        shots=sampler.shots,
        n_classes=len(sampler.members),
        accuracy=_estimated(found.alone),
        over_classes=_interval(over_classes(found.alone, found.classes)),
        together=_estimated(found.together),
        together_over_classes=_interval(over_classes(found.together, found.classes)),
        gain=_estimated(gain, lowest=-1.0),
        gain_over_classes=_interval(over_classes(gain, found.classes, lowest=-1.0)),
    )


def _estimated(values: NDArray[np.float64], *, lowest: float = 0.0) -> Estimated:
    low, high = over_episodes(values, lowest=lowest)
    return Estimated(value=float(values.mean()), low=low, high=high)


def _interval(bounds: tuple[float, float]) -> ClassInterval:
    return ClassInterval(low=bounds[0], high=bounds[1])


def _check(ways: int, shots: Sequence[int], episodes: int, n_queries: int, queries: str) -> None:
    wrong = [
        (ways < 2, f"ways, the classes of an episode, is {ways}.", "Give 2 or more."),
        (
            not shots or min(shots) < 1,
            "shots, the labelled items per class, must be 1 or more.",
            "Give one or several numbers, such as 1,5.",
        ),
        (
            episodes < MIN_EPISODES,
            f"episodes is {episodes}, too few for an interval.",
            f"Give {MIN_EPISODES} or more; 600 are usual.",
        ),
        (n_queries < 1, f"n_queries is {n_queries}.", "Give 1 or more; 15 are usual."),
        (
            queries not in ("balanced", "dirichlet"),
            f"queries is {queries!r}.",
            "Write balanced or dirichlet.",
        ),
    ]
    for is_wrong, said, remedy in wrong:
        if is_wrong:
            raise ParameterError(said, remedy=remedy)


def _check_classes(n: int, n_all: int, ways: int, shots: int) -> None:
    if n >= ways:
        return
    raise DataError(
        f"Only {n} of {counted(n_all, 'class', 'classes')} have more than {shots} independent "
        f"items, but an episode takes {ways} classes.",
        remedy=f"Ask for at most {max(n, 2)} ways, or for fewer shots."
        if n >= 2
        else "Ask for fewer shots, or add items: copies count once.",
        code="too_few_items",
    )
