"""The check of the data, and the method."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.report.sample.pictures import picture
from topwork.report import (
    ClassSize,
    DataFindings,
    DoubtfulLabel,
    Fact,
    ItemGroup,
    Member,
    Method,
    RejectedItems,
)


def _group(
    kind: str, first: int, n: int, path: Callable[[int], str], labels: list[str]
) -> ItemGroup:
    return ItemGroup(
        kind=kind,
        members=tuple(
            Member(
                path=path(first + i),
                label=labels[(first + (i if kind == "conflict" else 0)) % len(labels)],
                image=picture(first),
            )
            for i in range(n)
        ),
    )


def findings(
    labels: list[str], path: Callable[[int], str], rng: np.random.Generator
) -> DataFindings:
    return DataFindings(
        rejected=(
            RejectedItems(
                reason="truncated",
                meaning="The file ends before the image does.",
                n=7,
                examples=(path(100), path(101), path(102), path(103)),
            ),
            RejectedItems(
                reason="not_an_image",
                meaning="Its content is not an image.",
                n=1,
                examples=(path(9),),
            ),
        ),
        duplicates=tuple(
            _group("near-duplicates", 2 * i, 2 + i % 7, path, labels) for i in range(15)
        ),
        n_duplicates=23,
        conflicts=(_group("conflict", 5, 2, path, labels),),
        doubtful=tuple(
            DoubtfulLabel(
                path=path(50 + i),
                label=labels[i % len(labels)],
                suggested=labels[(i + 1) % len(labels)],
                confidence=0.99 - 0.01 * i,
                image=picture(50 + i),
            )
            for i in range(14)
        ),
        class_sizes=tuple(ClassSize(label=label, n=int(rng.integers(8, 60))) for label in labels),
        hints=(
            f"118 names begin with {path(3)[:40]}: if they show one thing, give them a group.",
            "2 images are nearly black.",
        ),
    )


def method(name: str) -> Method:
    return Method(
        paragraphs=(
            "Five-fold cross-validation, repeated three times, of exactly the model that ships. "
            "Whatever is chosen from data was chosen inside each fold.",
            "Copies and groups were kept together in every split.",
        ),
        facts=(
            Fact(name="Data", value=f"photos/{name}"),
            Fact(name="Items", value="3,000, of which 8 could not be read"),
            Fact(name="Folds", value="5 × 3, grouped, stratified"),
            Fact(name="Seed", value="0"),
        ),
        versions=(Fact(name="topwork", value="0.2.0"), Fact(name="openvino", value="2026.2.0")),
        hashes=(Fact(name="data", value="9f2c" * 16), Fact(name="backbone", value="41ab" * 16)),
    )
