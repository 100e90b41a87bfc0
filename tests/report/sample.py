"""A rich report about nothing, with tame or with hostile names.

``python -m tests.report.sample FOLDER`` writes the pages to look at.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from topwork.metrics.records import ClassScore, Score
from topwork.report import (
    Adaptation,
    BeforeAfter,
    ClassSize,
    Compared,
    CurvePoint,
    DataFindings,
    DomainMap,
    DoubtfulLabel,
    Fact,
    Failures,
    FalseKind,
    FoundObjects,
    FrocPoint,
    ItemGroup,
    Judged,
    LearningCurve,
    Member,
    Method,
    ObjectClass,
    Point,
    PredictedNumbers,
    PredictionSets,
    Probabilities,
    Publication,
    RejectedItems,
    Relabelled,
    ReliabilityBin,
    ReportContent,
    ReportedMetric,
    SetSize,
    ShownImage,
    Slice,
    Spot,
    Strategies,
    Summary,
    Tried,
    UnknownInputs,
    Way,
    WrongItem,
    confusions_of,
    model_card,
    render,
    saliency_data_uri,
    thumbnail_data_uri,
)

HOSTILE = (
    "</script>",
    "<script>alert(1)</script>",
    "</style><style>body{display:none}</style>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    '" style="position:fixed;inset:0" x="',
    "</title><h1>gone</h1>",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[",
    "</table></section></main></body></html>",
    "<meta http-equiv=refresh content='0;url=http://example.invalid/'>",
    "<link rel=stylesheet href=https://example.invalid/a.css>",
    "<base href=http://example.invalid/>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;&amp;&#0;",
    "\u202egnp.exe\u202d",
    "\u2067\u200f\u05e9\u05dc\u05d5\u05dd\u200e",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 abc 123",
    "a\x00b\x1b[31mred\x07\x85\u2028",
    "line\nbreak\ttab\r",
    "z" + "\u0301" * 60,
    "W" * 240,
    ("<b>" * 80)[:240],
    "\ud800half\udfff",
    "| pipe | --- | `code` **bold** [a](http://example.invalid) |",
    "- key: [value, {x: 'y'}]\n---\n# &anchor *alias !tag %",
)
"""Thirty names that must stay names."""

TAME = tuple(
    f"{adjective} {noun}"
    for noun in ("beetle", "cactus", "dolphin", "emu", "fern", "gerenuk")
    for adjective in ("common", "dwarf", "great", "mountain", "spotted")
)


def score(value: float, half: float) -> Score:
    """A score with about so wide an interval."""
    return Score(value=value, low=max(0.0, value - 1.2 * half), high=min(1.0, value + half))


def names(n: int, hostile: bool) -> list[str]:
    """n class names."""
    pool = HOSTILE if hostile else TAME
    return [pool[i] if i < len(pool) else f"{pool[i % len(pool)]} {i}" for i in range(n)]


@cache
def _pixels(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:120, :160] / 120
    shape = np.hypot(x - rng.uniform(0.4, 0.9), y - 0.5) < rng.uniform(0.2, 0.4)
    sky = np.stack([x * 90 + 60, y * 80 + 110, 190 - y * 60], axis=2)
    picture = np.where(shape[..., None], rng.uniform(40, 240, 3), sky)
    return np.uint8(np.clip(picture + rng.normal(0, 30, picture.shape), 0, 255))


@cache
def picture(seed: int) -> str:
    """A drawn picture."""
    return thumbnail_data_uri(_pixels(seed % 12))


@cache
def saliency(seed: int) -> str:
    """The same picture with a glowing place."""
    y, x = np.mgrid[:7, :7]
    return saliency_data_uri(_pixels(seed % 12), np.exp(-((x - 3) ** 2 + (y - 3) ** 2) / 4))


def sample(n_classes: int = 12, *, hostile: bool = False) -> ReportContent:
    """A report of a thorough run."""
    labels = names(n_classes, hostile)
    words = names(8, hostile)
    rng = np.random.default_rng(0)
    path = _path_of(labels, hostile)
    headline = ReportedMetric(
        key="balanced_accuracy",
        name="balanced accuracy",
        score=score(0.924, 0.014),
        note="Every class counts the same, however many items.",
    )
    return ReportContent(
        kind="image",
        title=words[0] if hostile else "Field photographs",
        subtitle=f"3,000 images of {n_classes} classes, packaged:efficientnet_lite0, frozen",
        summary=_summary(headline, n_classes, words[1]),
        metrics=_measures(headline),
        strategies=_strategies(words[2] if hostile else "probe, logistic head"),
        before_after=_before_after(words[3] if hostile else "old classes"),
        adaptation=_adaptation(labels, path),
        classes=_classes(labels, rng),
        confusions=confusions_of(labels, _counts(n_classes, rng)),
        probabilities=_probabilities(rng),
        numbers=_numbers(words[0]),
        objects=_objects(labels, path, rng),
        learning_curve=_curve(),
        failures=_failures(labels, path, rng),
        data=_findings(labels, path, rng),
        method=_method(words[3]),
        publication=Publication(
            license="apache-2.0",
            dataset=words[4],
            tags=(words[5],),
            intended_use="Photographs like these, taken in the same places.",
            limits=f"It has never seen night pictures, nor {words[6]}.",
        ),
    )


def _numbers(word: str) -> PredictedNumbers:
    points = tuple(Point(true=float(i), predicted=i + (-1) ** i * 0.5) for i in range(30))
    return PredictedNumbers(points=points, least=-1.0, most=31.0, promise=f"90 % of {word}.")


def _objects(labels: Sequence[str], path: str, rng: np.random.Generator) -> FoundObjects:
    curve = [(i / 20, 1 - 0.8 * np.exp(-i / 12)) for i in range(60)]
    points = tuple(FrocPoint(false_per_image=x, recall=float(y)) for x, y in curve)
    image = thumbnail_data_uri(rng.integers(0, 255, (90, 120, 3), np.uint8), 120)
    return FoundObjects(
        classes=tuple(
            ObjectClass(label=label, n_objects=9 + i, n_images=5, ap50=0.5 if i else None)
            for i, label in enumerate(labels[:30])
        ),
        curve=points,
        most_false=3.0,
        threshold=points[20],
        sentence="From a probability of 0.4 on the model finds 87 % of the objects.",
        kinds=(FalseKind(name="background", n=3, note="where nothing is"),),
        worst=tuple(
            ShownImage(path=f"{path}{i}", image=image if i else None, n_false=i, n_missed=1)
            for i in range(14)
        ),
        n_wrong=20,
    )


def lean() -> ReportContent:
    """A report of a run that judged itself and nothing more."""
    full = sample()
    return ReportContent(
        kind="image", title=full.title, summary=full.summary, metrics=full.metrics[:4]
    )


def _path_of(labels: list[str], hostile: bool) -> Callable[[int], str]:
    def path(i: int) -> str:
        folder = labels[i % len(labels)]
        return f"photos/{folder}/{HOSTILE[i % 30] if hostile else f'IMG_{1000 + i}'}.jpg"

    return path


def _summary(headline: ReportedMetric, n_classes: int, label: str) -> Summary:
    return Summary(
        headline=headline,
        chance=1 / n_classes,
        how_good=f"It gets about 92 of 100 images right, and {label} least often.",
        how_sure="On other images like these, expect between 91 and 94 of 100. The interval takes "
        "into account that copies of one picture belong together.",
        transfer="Yes. The pretrained network is 38 points better than colours and tiny pixels "
        "(95 % interval 35 to 41), and 51 points better than the same network untrained.",
        next_steps=(
            "Look at the 14 doubtful labels below; they are worth more than new images.",
            f"Label 20 more images of {label}.",
            "Run topwork evaluate on images from another camera before you rely on it there.",
        ),
        warnings=("23 images are copies of others; they were kept together in every split.",),
    )


def _measures(headline: ReportedMetric) -> tuple[ReportedMetric, ...]:
    return (
        headline,
        ReportedMetric(
            key="accuracy",
            name="accuracy",
            score=score(0.931, 0.009),
            note="The share of items that it gets right.",
        ),
        ReportedMetric(key="macro_f1", name="macro F1", score=score(0.921, 0.015)),
        ReportedMetric(
            key="log_loss",
            name="log loss",
            score=Score(value=0.284, low=0.251, high=None),
            kind="number",
            better="lower",
        ),
        ReportedMetric(
            key="calibration_error",
            name="calibration error",
            score=score(0.018, 0.006),
            better="lower",
        ),
    )


def _before_after(name: str) -> BeforeAfter:
    before, after = (Score(value=v, low=v - 0.03, high=v + 0.02) for v in (0.941, 0.935))
    return BeforeAfter(
        rows=(Compared(name=name, n=100, before=before, after=after),),
        sentence=f"{name}: 94.1% before, 93.5% after.",
        notes=(f"{name} looks like another one.",),
    )


def _adaptation(labels: list[str], path: Callable[[int], str]) -> Adaptation:
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


def _strategies(selected: str) -> Strategies:
    return Strategies(
        note="Something more complicated ships only if a paired test finds it better.",
        tried=(
            Tried(name="majority class", score=score(0.083, 0.004), seconds=0.0, baseline=True),
            Tried(name="pixels", score=score(0.542, 0.021), seconds=4.1, baseline=True),
            Tried(
                name="random:efficientnet_lite0",
                score=score(0.414, 0.022),
                seconds=12.9,
                baseline=True,
                verdict="the same network without what it learnt",
            ),
            Tried(
                name=selected,
                score=score(0.924, 0.014),
                seconds=38.2,
                chosen=True,
                verdict="the simplest of equals",
            ),
            Tried(
                name="partial from blocks.5",
                score=score(0.931, 0.014),
                seconds=311.0,
                verdict="0.7 points better, which may be luck (p = 0.21)",
            ),
            Tried(name="full", score=None, seconds=None, verdict="not tried: 3 h on this machine"),
        ),
    )


def _classes(labels: list[str], rng: np.random.Generator) -> tuple[ClassScore, ...]:
    recalls = np.clip(rng.beta(14, 1.3, len(labels)), 0.2, 1)
    scores = [
        ClassScore(
            label=label,
            n=int(rng.integers(8, 60)),
            recall=score(float(r), 0.08),
            precision=score(min(1.0, float(r) + 0.03), 0.07),
        )
        for label, r in zip(labels, recalls, strict=True)
    ]
    scores[-1] = ClassScore(label=labels[-1], n=0, recall=None, precision=None)
    return tuple(scores)


def _counts(k: int, rng: np.random.Generator) -> np.ndarray:
    counts = rng.poisson(0.25, (k, k))
    counts[0, k - 1] = 9
    counts[np.arange(k), np.arange(k)] = rng.integers(20, 60, k)
    return counts


def _probabilities(rng: np.random.Generator) -> Probabilities:
    bins = tuple(
        ReliabilityBin(
            confidence=float(c),
            accuracy=score(float(np.clip(c + rng.normal(0, 0.02), 0, 1)), 0.09 - 0.07 * float(c)),
            n=int(40 + 1200 * c**6),
        )
        for c in np.linspace(0.35, 0.985, 9)
    )
    return Probabilities(
        reliability=bins,
        temperature=1.31,
        error=score(0.018, 0.006),
        error_before=score(0.052, 0.008),
        sets=PredictionSets(
            target=0.9,
            coverage=score(0.903, 0.011),
            mean_size=1.24,
            sizes=tuple(
                SetSize(size=s, n=n) for s, n in enumerate((31, 2300, 480, 120, 50, 15, 4))
            ),
        ),
        unknown=UnknownInputs(
            method="distance to its five nearest neighbours",
            threshold=0.412,
            false_alarm_rate=0.05,
            measured_rate=score(0.047, 0.008),
        ),
        sentence="When it says 90 %, it is right about 9 times in 10.",
    )


def _curve() -> LearningCurve:
    def error(n: float) -> float:
        return 0.03 + 0.62 * n**-0.7

    return LearningCurve(
        measured=tuple(
            CurvePoint(labels_per_class=n, score=score(error(n), 0.25 * error(n) / n**0.25))
            for n in (3, 5, 8, 12, 20, 30)
        ),
        fitted=tuple(
            CurvePoint(labels_per_class=float(n), score=score(error(n), 0.012 + 0.0002 * float(n)))
            for n in np.geomspace(3, 120, 40)
        ),
        sentence="Twice the labels would probably bring the error from 8.7 % down to 6.7 % "
        "(5.2 to 8.1 %).",
    )


def _failures(labels: list[str], path: Callable[[int], str], rng: np.random.Generator) -> Failures:
    kinds = (
        ("very dark", 0.71, 120, 0.0004),
        ("blurred", 0.84, 210, 0.03),
        (f"group {labels[7 % len(labels)]}", 0.9, 88, 0.4),
        ("small, below 100 px", 0.92, 310, 0.8),
        ("wide", 0.94, 540, 1.0),
    )
    return Failures(
        slices=tuple(
            Slice(name=name, n=n, score=score(v, 1 / n**0.5), p_value=p, flagged=p < 0.05)
            for name, v, n, p in kinds
        ),
        overall=score(0.931, 0.009),
        slices_note="Twenty kinds were looked at; p is corrected for that.",
        wrong=tuple(
            WrongItem(
                path=path(i),
                truth=labels[i % len(labels)],
                predicted=labels[(i + 3) % len(labels)],
                confidence=0.995 - 0.004 * i,
                image=picture(i) if i % 7 else None,
                saliency=saliency(i) if i % 7 else None,
            )
            for i in range(40)
        ),
        n_wrong=207,
        saliency_note="Beside each picture: what the answer rests on glows.",
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


def _findings(
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


def _method(name: str) -> Method:
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


def main(folder: Path) -> None:
    """Write the pages and a card."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "rich": sample(),
        "many": sample(101),
        "heat": sample(25),
        "hostile": sample(30, hostile=True),
        "hostile-heat": sample(25, hostile=True),
        "lean": lean(),
    }
    for name, content in pages.items():
        (folder / f"{name}.html").write_text(render(content), encoding="utf-8")
        (folder / f"{name}.md").write_text(model_card(content), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
