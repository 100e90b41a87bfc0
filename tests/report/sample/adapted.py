"""A model that was adapted to another domain."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from topwork.metrics.records import Score
from topwork.report import (
    Adaptation,
    DomainMap,
    Judged,
    Relabelled,
    Spot,
    Way,
)


def adaptation(labels: list[str], path: Callable[[int], str]) -> Adaptation:
    rng = np.random.default_rng(5)
    before, after = (Score(value=v, low=v - 0.1, high=v + 0.08) for v in (0.61, 0.78))

    def opinion(name: str, votes: int, *, chosen: bool) -> Judged:
        return Judged(
            name=name,
            agreement=0.9,
            circular=0.8,
            certainty=1.5,
            mixed=None if chosen else 0.7,
            weighted=-0.4,
            votes=votes,
            of=5,
            collapsed=False,
            chosen=chosen,
        )

    return Adaptation(
        sentence="Items of the same class look different here.",
        maps=tuple(
            DomainMap(
                title=title,
                spots=tuple(
                    Spot(x=float(x), y=float(y), new=bool(new))
                    for x, y, new in zip(
                        *rng.uniform(4, 96, (2, 80)), rng.random(80) < 0.5, strict=True
                    )
                ),
            )
            for title in ("Before", "After")
        ),
        label_free_scores=(
            opinion("source head", 0, chosen=False),
            opinion(labels[0], 4, chosen=True),
        ),
        ways=(Way(name="standardised", agreement=0.84), Way(name=labels[1], agreement=0.5)),
        relabelled=tuple(
            Relabelled(path=path(i), before=labels[0], after=labels[-1], confidence=0.9)
            for i in range(30)
        ),
        n_relabelled=31,
        audit=(before, after),
    )
