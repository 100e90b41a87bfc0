"""Invented sets of texts whose labels are words: topics of news, parts of a shop, tickets.

Every text joins a beginning and an end that belong to its class, so that thirty texts per class
are different, and new ones share words with those that are learnt from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from topwork.cli.samples.texts import INTENTS
from topwork.data import Dataset, read

Parts = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]

NEWS: Parts = {
    "sport": (
        (
            "The home team",
            "Last year's champion",
            "The young goalkeeper",
            "The visiting side",
            "A late substitute",
            "The captain",
        ),
        (
            "won after extra time",
            "missed a penalty",
            "will play in the final",
            "was cheered by the fans",
            "lost by three points",
        ),
    ),
    "weather": (
        (
            "Heavy snow",
            "A warm front",
            "The storm over the coast",
            "Morning fog",
            "Strong wind",
            "A week of rain",
        ),
        (
            "is expected in the north",
            "will reach the valleys tonight",
            "brings lower temperatures",
            "closes mountain roads",
            "clears up by Sunday",
        ),
    ),
    "politics": (
        (
            "Parliament",
            "The prime minister",
            "The opposition",
            "A coalition of four parties",
            "The governor",
            "The new cabinet",
        ),
        (
            "voted on the reform",
            "called for an early election",
            "rejected the bill",
            "lost its majority",
            "defends the treaty",
        ),
    ),
    "economy": (
        (
            "The central bank",
            "Shares of the carmaker",
            "Inflation",
            "Exports",
            "Household debt",
            "The budget deficit",
        ),
        (
            "rose more than analysts thought",
            "fell in the third quarter",
            "weighs on growth",
            "surprised investors",
            "reached a record",
        ),
    ),
    "science": (
        (
            "Physicists at the collider",
            "A team of astronomers",
            "The space probe",
            "Chemists",
            "A fossil from the desert",
            "The new telescope",
        ),
        (
            "found an unknown particle",
            "measured a distant galaxy",
            "confirms a theory",
            "gives hints about early life",
            "published its data",
        ),
    ),
    "health": (
        (
            "Doctors at the clinic",
            "A new vaccine",
            "Nurses",
            "Patients with asthma",
            "The hospital",
            "A study of sleep",
        ),
        (
            "warn of an infection",
            "lowers the risk of a stroke",
            "report fewer side effects",
            "need better treatment",
            "shows benefits for the heart",
        ),
    ),
    "travel": (
        (
            "The night train",
            "Cheap flights",
            "A hiking trail",
            "The island hotel",
            "Tourists in the old town",
            "The ferry",
        ),
        (
            "takes you to the sea",
            "are booked out in August",
            "opens again for visitors",
            "need a visa",
            "stop at three harbours",
        ),
    ),
    "food": (
        (
            "The baker",
            "A bowl of lentil soup",
            "Fresh herbs",
            "The chef of the year",
            "A recipe with plums",
            "Grandmother's bread",
        ),
        (
            "tastes best in autumn",
            "needs an hour in the oven",
            "uses butter and honey",
            "is served with cheese",
            "goes well with fish",
        ),
    ),
}

SHOP: Parts = {
    "shoes": (
        ("The heels", "These boots", "The laces", "My running pair", "The soles", "Size nine"),
        (
            "are too tight at the toes",
            "wore out in a month",
            "squeak when I walk",
            "hurt my ankles",
            "fit like gloves",
        ),
    ),
    "books": (
        (
            "The last chapter",
            "The hardcover",
            "This author",
            "The translation",
            "The plot",
            "My paperback",
        ),
        (
            "is boring after page fifty",
            "arrived with torn pages",
            "made me read all night",
            "has too many typos",
            "deserves a sequel",
        ),
    ),
    "electronics": (
        (
            "The battery",
            "The screen",
            "My headphones",
            "The charger",
            "The keyboard",
            "The bluetooth speaker",
        ),
        (
            "died within a week",
            "flickers at low brightness",
            "needs a firmware update",
            "gets hot while charging",
            "connects at once",
        ),
    ),
    "furniture": (
        (
            "The table",
            "This sofa",
            "The shelf",
            "The wardrobe",
            "The office chair",
            "The bed frame",
        ),
        (
            "wobbles on a flat floor",
            "came with missing screws",
            "is heavy and solid wood",
            "creaks at night",
            "took two hours to assemble",
        ),
    ),
    "garden": (
        (
            "The lawn mower",
            "These tulip bulbs",
            "The watering hose",
            "My tomato plants",
            "The hedge shears",
            "The compost bin",
        ),
        (
            "rusted after the first rain",
            "never came up in spring",
            "leaks at the tap",
            "cuts grass evenly",
            "attracts slugs",
        ),
    ),
    "toys": (
        (
            "The puzzle",
            "The doll",
            "My son's train set",
            "The building blocks",
            "The teddy bear",
            "The board game",
        ),
        (
            "lacks two pieces",
            "keeps children busy for hours",
            "is not safe for toddlers",
            "broke on his birthday",
            "made my daughter laugh",
        ),
    ),
    "cosmetics": (
        (
            "The face cream",
            "This shampoo",
            "The lipstick",
            "The perfume",
            "The sun lotion",
            "My mascara",
        ),
        (
            "smells of roses",
            "irritates my skin",
            "dries out within weeks",
            "leaves hair soft",
            "smears in the evening",
        ),
    ),
}


def word_sets() -> Iterator[tuple[str, Dataset, Dataset]]:
    """The name of each set, texts to learn from, and new ones."""
    yield ("topics of news", *_divided(_joined(NEWS)))
    yield ("parts of a shop", *_divided(_joined(SHOP)))
    frames = ("{}", "hello, {}", "{}, please", "urgent: {}", "{}. Thanks", "{} since Monday")
    tickets = {
        intent: [frame.format(text) for frame, text in product(frames, texts)]
        for intent, texts in INTENTS.items()
    }
    yield ("tickets of a bank", *_divided(tickets))


def _joined(parts: Parts) -> dict[str, list[str]]:
    return {
        label: [f"{begin} {end}." for begin, end in product(begins, ends)]
        for label, (begins, ends) in parts.items()
    }


def _divided(texts: Mapping[str, list[str]]) -> tuple[Dataset, Dataset]:
    """Half of each class to learn from, the other half to judge."""
    known: list[tuple[str, str]] = []
    new: list[tuple[str, str]] = []
    for label, own in texts.items():
        order = np.random.default_rng(len(own)).permutation(len(own))
        rows = [(own[i], label) for i in order]
        known += rows[: len(rows) // 2]
        new += rows[len(rows) // 2 :]
    return _read(known), _read(new)


def _read(rows: list[tuple[str, str]]) -> Dataset:
    texts, labels = zip(*rows, strict=True)
    return read(list(texts), list(labels), items="text")
