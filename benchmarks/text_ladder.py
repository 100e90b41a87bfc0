"""What the ladder makes of the probe on texts: reviews in ten minutes, few labels in five.

Reads ``sst2/train.tsv`` and ``test.tsv`` (a text, a tab, 0 or 1) in the folder that
``TOPWORK_BENCH_DATA`` names. The intents are invented: seven things that a customer may want of
eleven others, said in some thousand ways, 77 classes.

`python -m benchmarks.text_ladder`
"""

from __future__ import annotations

import numpy as np

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.backbones import DEFAULT_FOR
from topwork.data import Dataset, read
from topwork.inductive import FitSettings, fit
from topwork.inductive.fitting import Fitted

PER_CLASS = 8
MIN_REVIEWS = 0.87
SLACK = 1.05
"""A fit may end so much later than it was told."""

WANTS = {
    "lost": "I lost {}|where is {}, I cannot find it|{} is gone|I left {} somewhere|someone took "
    "{}|I misplaced {} yesterday|my bag was stolen and {} with it|{} has disappeared",
    "fee": "why was I charged for {}|how much does {} cost|is there a fee for {}|what do you take "
    "for {}|{} shows an extra charge|I was billed twice for {}|do I have to pay for {}",
    "change": "how do I change {}|I want to update {}|can {} be modified|edit {}|I need to correct "
    "{}|{} has to be different from now on|please replace the details of {}|let me adjust {}",
    "fails": "{} does not work|{} is broken|I get an error with {}|{} keeps failing|something is "
    "wrong with {}|why was {} declined|{} stopped working|I cannot use {}|{} is rejected",
    "late": "when will {} arrive|how long does {} take|{} is still pending|I am waiting for {}|is "
    "{} on its way|track {}|{} has not come yet|still no sign of {}|how many days until {}",
    "end": "cancel {}|I do not need {} anymore|how do I get rid of {}|please stop {}|I want to "
    "close {}|terminate {}|remove {}|I would like to end {}|undo {}|{} should be deleted",
    "get": "how do I get {}|I would like to order {}|can I have {}|set up {} for me|I want to "
    "apply for {}|where do I request {}|sign me up for {}|am I eligible for {}",
}
OBJECTS = {
    "card": "my card|the debit card|my plastic|my bank card",
    "pin": "my PIN|the secret number|my passcode|the four digit code",
    "transfer": "my transfer|the money I sent|a payment to a friend|the wire transfer",
    "refund": "my refund|the money back from the shop|a reimbursement|the returned amount",
    "deposit": "my top up|adding money|the deposit to my balance|loading funds",
    "account": "my account|my profile|my bank account|the account I have here",
    "exchange": "my currency exchange|swapping euros for dollars|foreign money|the conversion",
    "cash": "cash withdrawal|taking out cash|money from the machine|banknotes",
    "address": "my address|where I live in your records|my home address|the postal address",
    "virtual": "my virtual card|the disposable card|the online only card|a one time card",
    "statement": "my statement|the monthly overview|the list of transactions|my summary",
}
BEFORE = ("", "hi, ", "hello there, ", "please help: ", "quick question: ", "urgent! ", "sorry, ")
AFTER = ("", "?", " please", " thanks", " today", ", can you help?")


def main() -> None:
    record = Record("text_ladder")
    with own_cache():
        known, new = intents()
        _measure(record, f"{PER_CLASS} labels of each of 77 invented intents", known, new, 5.0)
        folder = bench_data(record, "sst2")
        if folder is not None:
            train, test = (
                read(folder / f"{part}.tsv", header=("text", "label")) for part in ("train", "test")
            )
            right = _measure(record, "reviews", train, test, 10.0)
            record.target("reviews: accuracy on the test", right, least=MIN_REVIEWS)
    record.write()


def intents(seed: int = 0) -> tuple[Dataset, Dataset]:
    """Eight texts of each class to learn from, and twenty others of each."""
    rng = np.random.default_rng(seed)
    parts: list[tuple[list[str], list[str]]] = [([], []), ([], [])]
    for want, ways in WANTS.items():
        for thing, names in OBJECTS.items():
            drawn: dict[str, None] = {}
            while len(drawn) < PER_CLASS + 20:
                way = rng.choice(ways.split("|")).format(rng.choice(names.split("|")))
                drawn[rng.choice(BEFORE) + way + rng.choice(AFTER)] = None
            texts = list(drawn)
            for part, some in zip(parts, (texts[:PER_CLASS], texts[PER_CLASS:]), strict=True):
                part[0].extend(some)
                part[1].extend([f"{want} {thing}"] * len(some))
    known, new = (read(said, labels) for said, labels in parts)
    return known, new


def _measure(record: Record, title: str, train: Dataset, test: Dataset, minutes: float) -> float:
    """Accuracy on the test of what the quick fit ships, and of what the ladder does."""
    backbone = DEFAULT_FOR["text"]
    quick = fit(train, FitSettings(backbone=backbone))
    ladder = fit(train, FitSettings(backbone=backbone, strategy="auto", minutes=minutes))
    rights = []
    rows = []
    for name, one in (("the quick fit", quick), (f"the ladder, {minutes:g} minutes", ladder)):
        rights.append(_right(one, test))
        spent = one.result.seconds.total
        rows.append((name, one.artifacts.chosen.candidate.name, rights[-1], spent))
        tell(f"{title}, {name}: {rights[-1]:.3f} after {spent:.0f} s")
    record.table(
        f"{title}: {len(train)} to learn from, {len(test)} to judge by",
        ("fit", "ships", "accuracy on the test", "s"),
        rows,
    )
    for rung in ladder.result.ladder:
        record.note(f"{title}: {rung.name}", rung.reason)
    record.target(f"{title}: minutes", rows[1][3] / 60, most=minutes * SLACK)
    record.note(f"{title}: gain of the ladder", rights[1] - rights[0])
    return rights[1]


def _right(fitted: Fitted, test: Dataset) -> float:
    return float(fitted.model.evaluate(test).scores.accuracy.value)


if __name__ == "__main__":
    main()
