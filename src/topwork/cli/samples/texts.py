"""What customers of a bank write, put together from parts of sentences."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

N_TRAIN, N_TEST, N_RAW = 8, 25, 300
"""Texts per intent with labels, to test on, and texts without labels in all."""

INTENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "card arrival": (
        "my new card has not come yet",
        "when will the card you sent arrive",
        "I am still waiting for my card in the post",
        "how long does delivery of a card take",
        "the card was ordered two weeks ago and is not here",
    ),
    "exchange rate": (
        "which rate do you use for dollars",
        "the exchange rate on my statement looks wrong",
        "how do you convert money into another currency",
        "I was charged a bad rate abroad",
        "do you use the official rate for euros",
    ),
    "lost card": (
        "I think that I lost my card",
        "my card was stolen yesterday",
        "please block the card, I cannot find it",
        "someone took my wallet with the card in it",
        "I left my card in a taxi, what should I do",
    ),
    "top up": (
        "my top-up has not gone through",
        "how can I add money to my account",
        "the top-up failed but the money is gone",
        "is there a limit to how much I may top up",
        "can I top up by bank transfer",
    ),
    "change pin": (
        "how do I change my PIN",
        "I forgot my PIN and need another one",
        "can the PIN be reset at a cash machine",
        "where in the app can I see my PIN",
        "my PIN is blocked after three tries",
    ),
    "refund": (
        "the shop has not given my money back",
        "how long does a refund take",
        "I want to have a payment returned",
        "a refund is missing on my statement",
        "can you cancel the purchase and pay me back",
    ),
}
BEFORE: Final = (
    "",
    "hello, ",
    "hi there, ",
    "good morning, ",
    "please help: ",
    "sorry, ",
    "urgent: ",
)
AFTER: Final = ("", ".", "?", ", thank you.", " and nobody answers.", " since Monday.", ", please.")


def write_tickets(folder: Path, seed: int) -> None:
    """Write train.csv, test.csv (text, label) and raw.txt, one text per line."""
    rng = np.random.default_rng((seed, 5))
    folder.mkdir(parents=True, exist_ok=True)
    seen: set[str] = set()
    for name, n in (("train.csv", N_TRAIN), ("test.csv", N_TEST)):
        rows = [(_text(intent, rng, seen), intent) for intent in INTENTS for _ in range(n)]
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                [("text", "label"), *(rows[i] for i in rng.permutation(len(rows)))]
            )
    intents = list(INTENTS)
    raw = [_text(intents[rng.integers(len(intents))], rng, seen) for _ in range(N_RAW)]
    (folder / "raw.txt").write_text("\n".join(raw) + "\n", "utf-8")


def _text(intent: str, rng: np.random.Generator, seen: set[str]) -> str:
    """A text that was not there before, as far as there are enough."""
    for _ in range(200):
        parts = (BEFORE, INTENTS[intent], AFTER)
        before, middle, after = (part[rng.integers(len(part))] for part in parts)
        text = f"{before}{middle}{after}"
        text = text[0].upper() + text[1:]
        if text not in seen:
            break
    seen.add(text)
    return text
