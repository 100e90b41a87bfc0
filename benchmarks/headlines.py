"""Which numbers the README shows, and where in the results they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Headline:
    """One row of the README's table.

    Parameters
    ----------
    benchmark
        Name of the benchmark and of its JSON file.
    what
        What was measured, in words.
    value
        The numbers, from the result.
    """

    benchmark: str
    what: str
    value: Callable[[Result], str]


def note(result: Result, name: str) -> Any:
    """One recorded fact."""
    return result["results"][name]


def row(result: Result, table: str, first: str) -> Result:
    """The row of a table whose first cell is ``first``; the table by the start of its title."""
    title = next(t for t in result["results"] if t.startswith(table))
    rows: list[Result] = result["results"][title]
    return next(r for r in rows if str(next(iter(r.values()))) == first)


def target(result: Result, what: str) -> float:
    """The value that was held against a target."""
    return float(next(t["value"] for t in result["targets"] if t["what"] == what))


def _worst(result: Result, what: str, best: Callable[[list[float]], float]) -> float:
    return best([float(t["value"]) for t in result["targets"] if what in t["what"]])


def _speed(way: str) -> Callable[[Result], str]:
    def value(result: Result) -> str:
        rows = next(v for k, v in result["results"].items() if k.startswith("320 images"))
        own = float(rows[0]["images/s"])
        other = next(float(r["images/s"]) for r in rows if r["way"] == way)
        return f"{own:.0f} against {other:.1f}: {own / other:.1f} ×"

    return value


def _adapted(result: Result) -> str:
    before = float(row(result, "Mean accuracy by selection rule", "source only")["PACS"])
    gain = target(result, "PACS: mean gain over source only")
    overall = note(result, "mean gain over all pairs")
    return (
        f"{before:.3f} → {before + gain:.3f}; {100 * overall:.1f} points; "
        f"{note(result, 'pairs that lose at all')}"
    )


WIDTH = "mean width over the oracle's"

HEADLINES = (
    Headline(
        "demo_seeds",
        "the demo's balanced accuracy, mean of 20 seeds",
        lambda r: f"{target(r, 'mean over the seeds'):.3f}",
    ),
    Headline(
        "extraction",
        "320 JPEGs of 15 KB, images/s with decoding: topwork, timm as its documentation teaches",
        _speed("timm, eager float32"),
    ),
    Headline(
        "extraction",
        "share of the limit, decoding and network one after the other: small, medium, large JPEGs",
        lambda r: ", ".join(
            f"{target(r, f'{s}: of the limit'):.2f}" for s in ("small", "medium", "large")
        ),
    ),
    Headline(
        "time_to_accuracy",
        "3,030 photographs of 101 classes to a model, seconds: topwork; how many times as long "
        "torch features + scikit-learn and fastai's `fine_tune(1)` take",
        lambda r: (
            f"{row(r, '101 classes', 'topwork fit')['seconds']:.0f}; "
            f"{target(r, 'torch features + scikit-learn: times as long'):.1f}, "
            f"{target(r, 'fastai, fine_tune(1): times as long'):.1f}"
        ),
    ),
    Headline(
        "accuracy",
        "CIFAR-10, 200 images per class, balanced accuracy: topwork, a plain script of timm "
        "features and `LogisticRegressionCV`",
        lambda r: ", ".join(
            f"{row(r, 'cifar-mini', way)['balanced accuracy']:.3f}"
            for way in ("topwork fit + evaluate", "plain script, standardised")
        ),
    ),
    Headline(
        "simulated",
        "95 % intervals, 2,000 simulated repeats per setting: least coverage; width against "
        "an oracle's",
        lambda r: f"{target(r, 'least coverage'):.3f}; " + f"{target(r, WIDTH):.2f} ×",
    ),
    Headline(
        "duplicates",
        "planted copies found (least of six sets); share of false pairs (most)",
        lambda r: (
            f"{100 * _worst(r, 'planted copies found', min):.1f} %; "
            f"{100 * _worst(r, 'false pairs', max):.3f} %"
        ),
    ),
    Headline(
        "families",
        "20 sets of augmented copies and frames: items with their family; items in mixed groups; "
        "joined in error on sets without, most",
        lambda r: (
            f"{100 * target(r, 'items that are with their family'):.1f} %; "
            f"{100 * target(r, 'items in groups of several originals'):.1f} %; "
            f"{100 * _worst(r, 'items joined', max):.1f} %"
        ),
    ),
    Headline(
        "doubtful_labels",
        "flipped labels ranked, least AUROC of 10 draws: PACS, CIFAR-10",
        lambda r: ", ".join(f"{t['value']:.3f}" for t in r["targets"]),
    ),
    Headline(
        "cut",
        "training the last stage from stored activations against the same layers from pixels",
        lambda r: f"{note(r, 'times as fast as from pixels'):.1f} × faster",
    ),
    Headline(
        "adapt",
        "models of one domain adapted to another without labels, accuracy: 16 pairs of PACS before "
        "and after; mean gain of 31 pairs; pairs that lose",
        _adapted,
    ),
    Headline(
        "partial_targets",
        "new domains that hold only some of the classes, 24 targets: significantly worse than "
        "before; mean gain",
        lambda r: (
            f"{target(r, 'targets more than a point worse, by Holm at 5 %'):.0f}; "
            f"{100 * target(r, 'mean gain'):.1f} points"
        ),
    ),
    Headline(
        "unknowns",
        "28 small sets, five kinds of strangers at 5 % false alarms: share called unknown, median; "
        "largest gap to what the fit promised",
        lambda r: (
            f"{target(r, 'strangers: median share found'):.3f}; "
            f"{target(r, 'strangers: largest gap to the promise'):.3f}"
        ),
    ),
    Headline(
        "selection",
        "search among six candidates, simulated: share of choices more than a point below the "
        "probe, most; gain against one standard error on all folds, least",
        lambda r: (
            f"{100 * _worst(r, 'share below', max):.1f} %; "
            f"{100 * _worst(r, 'gain against the rule', min):.0f} %"
        ),
    ),
    Headline(
        "few_per_class",
        "one to three items per class, 200 draws: constant answers selected where the probe is "
        "better than chance",
        lambda r: f"{r['targets'][0]['value']:.0f}",
    ),
    Headline(
        "no_shift",
        "random halves of one domain that are told to be one; models that were changed",
        lambda r: (
            f"{100 * target(r, 'divisions without a shift'):.0f} %; "
            f"{note(r, 'models that were changed'):.0f}"
        ),
    ),
    Headline(
        "unlabelled",
        "CIFAR-10, 10 labels per class and the rest of 2,000 images without: accuracy of the "
        "probe, with unlabelled images",
        lambda r: " → ".join(
            f"{row(r, '10 labels', way)['accuracy']:.3f}" for way in ("probe", "self-trained")
        ),
    ),
    Headline(
        "text",
        "sentences of SST-2, accuracy on its test part: TF-IDF, MiniLM's probe, at several depths",
        lambda r: ", ".join(
            f"{row(r, '6920 reviews', m)['accuracy on the test']:.3f}"
            for m in ("TF-IDF of the words", "network", "network, several depths")
        ),
    ),
    Headline(
        "growth",
        "images computed beyond the 3,000 that were added to 30,000",
        lambda r: f"{target(r, 'computed beyond the added images'):.0f}",
    ),
    Headline(
        "tracking",
        "20 drawn scenes of moving objects with gaps and misses, IDF1 of the tracks: all frames, "
        "every second frame",
        lambda r: ", ".join(
            f"{row(r, 'IDF1', 'own')[frames]:.3f}"
            for frames in ("all frames", "every second frame")
        ),
    ),
    Headline(
        "kill",
        "stored rows lost or changed by `kill -9` at ten random moments",
        lambda r: f"{target(r, 'stored rows lost or changed by a kill'):.0f}",
    ),
)
