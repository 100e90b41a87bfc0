"""Small sets of few classes, each with items of five other kinds, as features."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import strangers
from topwork.backbones import DEFAULT_FOR
from topwork.cli.samples.surfaces import SURFACES, _grey, _patches
from topwork.data import MODALITIES, Item, ModalityName
from topwork.features import extract
from topwork.features.opened_backbone import OpenedBackbone, open_backbone
from topwork.inductive import FitSettings
from topwork.novelty.unrelated_features import unrelated_features

Array = NDArray[np.float32]
Codes = NDArray[np.int64]

N_KINDS = 5
DOMAINS = ("photo", "art_painting", "cartoon", "sketch")

IMAGE_SETS: tuple[tuple[str, str], ...] = (
    ("photo", "dog elephant"),
    ("photo", "giraffe horse"),
    ("photo", "guitar house person"),
    ("photo", ""),
    ("art_painting", "house person"),
    ("art_painting", "dog elephant giraffe horse"),
    ("art_painting", ""),
    ("cartoon", "dog horse"),
    ("cartoon", "guitar house person"),
    ("sketch", "dog horse"),
    ("sketch", "dog giraffe guitar house person"),
    ("tiny photographs", "cat dog"),
    ("tiny photographs", "ship truck"),
    ("tiny photographs", "cat deer dog frog horse"),
    ("tiny photographs", ""),
    ("digits", "3 8"),
    ("digits", "0 1 2 3 4"),
    ("digits", ""),
    ("surfaces", "brick gravel"),
    ("surfaces", "coins moon page"),
    ("surfaces", ""),
    ("playing cards", ""),
)
"""Source and classes; all of them where none is named."""

TEXT_SETS: tuple[tuple[str, int, str], ...] = (
    ("reviews", 1000, "tweets"),
    ("reviews", 200, "tweets"),
    ("reviews", 80, "tweets"),
    ("irony", 1000, "reviews"),
    ("irony", 200, "reviews"),
)
"""Source, how many texts, and which others are strangers to them."""

_ORDER = (
    "photo",
    "cartoon",
    "playing cards",
    "digits",
    "made",
    "sketch",
    "surfaces",
    "tiny photographs",
)
"""Of the kinds of strangers to images; the first five that fit are used."""

_SHARED = {"dog", "horse"}
"""Classes that PACS and CIFAR-10 both have; as strangers they are left out."""


@dataclass(frozen=True, eq=False)
class Source:
    """Features ``(n, d)`` with the label of each, ``(n,)``."""

    X: Array
    labels: NDArray[np.str_]

    def only(self, classes: str) -> Source:
        """Those of the classes that are named, or all."""
        chosen = np.isin(self.labels, classes.split()) if classes else np.ones(len(self.X), bool)
        return Source(self.X[chosen], self.labels[chosen])

    def without(self, classes: set[str]) -> Array:
        """Features of the others."""
        others: Array = self.X[~np.isin(self.labels, list(classes))]
        return others

    @property
    def codes(self) -> Codes:
        """Class of each, (n,)."""
        return np.unique(self.labels, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, eq=False)
class SmallSet:
    """A set to fit on, the strangers by kind, and the items that the package brings itself."""

    name: str
    X: Array
    codes: Codes
    strangers: dict[str, Array]
    packed: tuple[Array, list[str]]


def image_sets(root: Path, backbone: str = DEFAULT_FOR["image"]) -> list[SmallSet]:
    """All small sets of images, as a backbone sees them."""
    opened = open_backbone(backbone, FitSettings(backbone=backbone))
    sources = {
        name: _source(opened, items, labels, "image")
        for name, (items, labels) in _images(root).items()
    }
    packed = _packed(opened)
    found = []
    for name, classes in IMAGE_SETS:
        chosen = sources[name].only(classes)
        others = _strangers(sources, name, set(chosen.labels))
        title = f"{name}: {classes or 'all'}"
        found.append(SmallSet(title, chosen.X, chosen.codes, others, packed))
    return found


def _strangers(sources: dict[str, Source], name: str, classes: set[str]) -> dict[str, Array]:
    found = {}
    for kind in _ORDER:
        if kind == name or len(found) == N_KINDS:
            continue
        shown = classes | (_SHARED if {kind, name} & {"tiny photographs"} else set())
        rows = sources[kind].without(shown)
        if len(rows):
            found[kind] = rows
    return found


def text_sets(root: Path) -> list[SmallSet]:
    """All small sets of texts."""
    opened = open_backbone(DEFAULT_FOR["text"], FitSettings(backbone=DEFAULT_FOR["text"]))
    texts, labels = _texts(root)
    sources = {name: _source(opened, _items(texts[name]), labels[name], "text") for name in texts}
    made = {
        "licences": strangers.licence_sentences(60),
        "manuals": strangers.manual_sentences(60),
        "programs": strangers.program_lines(60),
        "other languages": list(strangers.FOREIGN),
    }
    others = {
        kind: _source(opened, _items(lines), [""] * len(lines), "text").X
        for kind, lines in made.items()
    }
    packed = _packed(opened)
    found = []
    for name, n, other in TEXT_SETS:
        some = Source(sources[name].X[:n], sources[name].labels[:n])
        given = {**others, other: sources[other].X[:300]}
        found.append(SmallSet(f"{name}, {n}", some.X, some.codes, given, packed))
    both = [sources["reviews"].X[:300], sources["tweets"].X[:300]]
    codes = np.repeat([0, 1], [len(rows) for rows in both])
    more = {**others, "invented words": _invented(opened)}
    found.append(SmallSet("reviews or tweets", np.concatenate(both), codes, more, packed))
    return found


def _packed(opened: OpenedBackbone) -> tuple[Array, list[str]]:
    features, kinds = unrelated_features(opened, MODALITIES[opened.backbone.takes])
    return features.astype(np.float32), kinds


def _invented(opened: OpenedBackbone) -> Array:
    lines = strangers.invented_words(60)
    return _source(opened, _items(lines), [""] * len(lines), "text").X


def _source(
    opened: OpenedBackbone, items: Sequence[Item], labels: Sequence[str], kind: ModalityName
) -> Source:
    extraction = extract(items, opened.request, kind=MODALITIES[kind])
    X = opened.request.store.read(extraction.keys).astype(np.float32)
    return Source(X, np.array(labels)[extraction.kept])


def _items(values: Sequence[Any]) -> list[Item]:
    return [Item(f"item {i}", value=value) for i, value in enumerate(values)]


def _images(root: Path) -> dict[str, tuple[list[Item], list[str]]]:
    from sklearn.datasets import load_digits

    found: dict[str, tuple[list[Item], list[str]]] = {}
    for domain in DOMAINS:
        found[domain] = _files(sorted((root / "pacs-mini" / domain).glob("*/*")))
    folders = sorted((root / "cifar-mini" / "train").iterdir())
    found["tiny photographs"] = _files(
        [file for folder in folders for file in sorted(folder.iterdir())[:100]]
    )
    cards = sorted((root / "cards-mini").glob("*/*.[jJ][pP][gG]"))
    found["playing cards"] = ([Item(str(f), path=f) for f in cards], [_card(f) for f in cards])
    digits = load_digits()
    pictures = [(255 - 15.9 * image).astype(np.uint8) for image in digits.images[:600]]
    found["digits"] = (_items(pictures), [str(label) for label in digits.target[:600]])
    patches = {label: _patches(_grey(photograph)) for label, photograph in SURFACES.items()}
    rng = np.random.default_rng(0)
    drawn = [
        (np.ascontiguousarray(every[i]), label)
        for label, every in patches.items()
        for i in rng.permutation(len(every))[:45]
    ]
    found["surfaces"] = (_items([patch for patch, _ in drawn]), [label for _, label in drawn])
    made = strangers.made_images(60)
    found["made"] = (_items(made), [""] * len(made))
    return found


def _files(files: Sequence[Path]) -> tuple[list[Item], list[str]]:
    return [Item(str(f), path=f) for f in files], [f.parent.name for f in files]


def _card(file: Path) -> str:
    """The first card that the description beside the photograph names."""
    names = re.findall("<name>(.*?)</name>", file.with_suffix(".xml").read_text("utf-8"))
    return str(names[0]) if names else ""


def _texts(root: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    rng = np.random.default_rng(0)
    lines = (root / "sst2" / "train.tsv").read_text("utf-8").splitlines()
    reviews = [line.split("\t") for line in lines]
    with (root / "tweets-mini" / "irony-train.csv").open(encoding="utf-8", newline="") as stream:
        irony = list(csv.DictReader(stream))
    raw = (root / "tweets-mini" / "raw.txt").read_text("utf-8").splitlines()
    reviews = [reviews[i] for i in rng.permutation(len(reviews))[:1000]]
    irony = [irony[i] for i in rng.permutation(len(irony))[:1000]]
    tweets = [raw[i] for i in rng.permutation(len(raw))[:300] if raw[i].strip()]
    texts = {
        "reviews": [text for text, _ in reviews],
        "irony": [row["text"] for row in irony],
        "tweets": tweets,
    }
    labels = {
        "reviews": [label for _, label in reviews],
        "irony": [row["label"] for row in irony],
        "tweets": [""] * len(tweets),
    }
    return texts, labels
