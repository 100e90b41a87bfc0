"""What the ladder makes of the probe, on every data set that is there.

`python -m benchmarks.ladder [MINUTES]`
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data import Dataset, read
from topwork.inductive import FitResult, FitSettings, fit

MINUTES = 5.0
DOMAINS = ("photo", "art_painting", "cartoon", "sketch")


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    record = Record("ladder")
    losses = []
    with own_cache():
        for name, data in _sets(record):
            settings = FitSettings(strategy="auto", minutes=minutes)
            result = fit(data, settings).result
            tell(f"{name}: {result.seconds.total:.0f} s")
            record.table(name, ("rung", "items", "accuracy", "low", "high", "s", ""), _rows(result))
            for rung in result.ladder:
                record.note(f"{name}: {rung.name}", rung.reason)
            losses.append(_loss(result))
            record.target(f"{name}: minutes", result.seconds.total / 60, most=minutes * 1.1)
    record.target("probe minus what ships, in standard errors, at most", max(losses), most=1.0)
    record.write()


def _sets(record: Record) -> Iterator[tuple[str, Dataset]]:
    from sklearn.datasets import load_digits

    for name, *parts in (
        *((f"PACS {domain}", "pacs-mini", domain) for domain in DOMAINS),
        ("CIFAR-10", "cifar-mini"),
    ):
        folder = bench_data(record, *parts)
        if folder is not None:
            yield name, read(folder)
    digits = load_digits()
    pictures = [(image * 255 / 16).astype("u1") for image in digits.images]
    yield "digits", read(pictures, [str(label) for label in digits.target])


def _rows(result: FitResult) -> list[tuple[object, ...]]:
    rows = []
    for tried in result.tried:
        if tried.scores is None:
            continue
        score = tried.scores.balanced_accuracy
        selectable = "ships" if tried.chosen else ""
        row = (
            tried.name,
            tried.n_items,
            score.value,
            score.low,
            score.high,
            tried.seconds,
            selectable,
        )
        rows.append(row)
    return rows


def _loss(result: FitResult) -> float:
    """How far what ships is behind the probe, in half widths of its interval by 1.96."""
    probe = next(t for t in result.tried if t.name.startswith("transfer from"))
    assert result.scores is not None
    assert probe.scores is not None
    ours, theirs = result.scores.balanced_accuracy, probe.scores.balanced_accuracy
    error = ((ours.high or 1.0) - ours.low) / 2 / 1.96
    return (theirs.value - ours.value) / max(error, 1e-9)


if __name__ == "__main__":
    main()
