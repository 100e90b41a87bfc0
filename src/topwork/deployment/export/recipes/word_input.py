"""Texts as the model takes them, by preprocess.json: needs words.py beside it and numpy.

``python preprocess.py`` checks itself on golden.npz.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from topwork.data.preprocessing.words import vocabulary_in


def prepared(texts: Sequence[str], told: Mapping[str, Any], folder: Path) -> Any:
    """The tokens of texts, int32 ``(n, t)``, filled up with -1."""
    vocabulary = vocabulary_in((folder / "tokenizer.json").read_text(encoding="utf-8"))
    assert vocabulary is not None
    rows = [vocabulary.numbers(text)[: told["max_length"]] for text in texts]
    out = np.full((len(rows), max(1, *map(len, rows))), -1, np.int32)
    for row, tokens in zip(out, rows, strict=True):
        row[: len(tokens)] = tokens
    return out


def differences(told: Mapping[str, Any], golden: Mapping[str, Any], folder: Path) -> list[int]:
    """In how many tokens each text of golden.npz differs."""
    texts, expected = golden["given"].tolist(), golden["prepared"]
    found = prepared(texts, told, folder)
    wide = np.full(expected.shape, -1, np.int32)
    wide[:, : found.shape[1]] = found[:, : expected.shape[1]]
    return [int(n) for n in (wide != expected).sum(axis=1)]


if __name__ == "__main__":
    folder = Path(__file__).parent
    told = json.loads((folder / "preprocess.json").read_text())
    worst = max(differences(told, np.load(folder / "golden.npz"), folder))
    print(f"Prepared texts differ in {worst} tokens.")
    sys.exit(worst > 0)
