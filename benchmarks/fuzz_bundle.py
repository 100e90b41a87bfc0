"""Saved models with random changes, checksums made right: none may hang, crash or fill the memory.

Each change is applied to a good model of images, texts or objects, which then predicts in a
process of its own. It must be refused in a sentence, or predict.

`python -m benchmarks.fuzz_bundle --minutes 10`

What is predicted is not compared: another weight makes another model, which is as good as any.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from benchmarks.caches import own_cache
from benchmarks.composites import scenes
from benchmarks.images import write_photographs
from benchmarks.record import Record
from tests.language import model_folder, reviews
from tests.model.attacked import outcomes
from tests.model.mutations import copied, rewrite, seal
from topwork.data import read

Rng = np.random.Generator
Change = Callable[[bytes, Rng], bytes]

NUMBERS = (
    b"0", b"-1", b"1", b"2", b"255", b"65536", b"2147483648", b"4294967296", b"-2147483649",
    b"9223372036854775807", b"18446744073709551616", b"1e308", b"1e999", b"NaN", b"-0.0", b"0.5",
)  # fmt: skip
PIECES = (
    b"", b'"', b"\\", b"\x00", b"\xff", b"[", b"]", b"{", b"}", b"<", b">", b"/>", b"&a;", b",",
    b"null", b"true", b"[]", b"{}", b"../", b"\\ud800", b"<!DOCTYPE a>", b"\x1b[2J", b"A" * 10_000,
    b"[" * 10_000,
)  # fmt: skip
FILES = {
    "manifest.json": 2,
    "model.json": 4,
    "graph.xml": 8,
    "graph.bin": 2,
    "head.safetensors": 2,
    "space.safetensors": 2,
    "statistics.safetensors": 1,
    "training.safetensors": 2,
    "weights.safetensors": 1,
    "tokenizer.json": 2,
}
"""How often each is changed, in relation."""


def a_number(data: bytes, rng: Rng) -> bytes:
    """Another number in the place of one."""
    found = list(re.finditer(rb"-?\d+(?:\.\d+)?", data))
    if not found:
        return data
    one = found[rng.integers(len(found))]
    other = NUMBERS[rng.integers(len(NUMBERS))]
    if rng.random() < 0.3:
        other = found[rng.integers(len(found))][0]
    return data[: one.start()] + other + data[one.end() :]


def a_word(data: bytes, rng: Rng) -> bytes:
    """A word of the file in the place of another."""
    found = list(re.finditer(rb'"[^"\n]{0,200}"|<[^>\n]{0,300}>', data))
    if not found:
        return data
    one, other = found[rng.integers(len(found))], found[rng.integers(len(found))]
    return data[: one.start()] + other[0] + data[one.end() :]


def a_piece(data: bytes, rng: Rng) -> bytes:
    """Something put in or over a place."""
    place = int(rng.integers(len(data) + 1))
    gone = int(rng.integers(0, 30)) if rng.random() < 0.5 else 0
    return data[:place] + PIECES[rng.integers(len(PIECES))] + data[place + gone :]


def a_line(data: bytes, rng: Rng) -> bytes:
    """Lines left out, doubled or moved."""
    lines = data.split(b"\n")
    a, b = sorted(rng.integers(0, len(lines) + 1, 2))
    b = min(b, a + 40)
    block, place = lines[a:b], int(rng.integers(len(lines) + 1))
    kept = lines[:a] + lines[b:] if rng.random() < 0.5 else lines
    return b"\n".join(kept[:place] + (block if rng.random() < 0.7 else []) + kept[place:])


def some_bits(data: bytes, rng: Rng) -> bytes:
    """A few bits turned, more often at the beginning."""
    if not data:
        return data
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 9))):
        reach = len(out) if rng.random() < 0.5 else min(len(out), 400)
        out[rng.integers(reach)] ^= 1 << rng.integers(8)
    return bytes(out)


def an_end(data: bytes, rng: Rng) -> bytes:
    """Cut off, or with more behind it."""
    if rng.random() < 0.7:
        return data[: int(rng.integers(len(data) + 1))]
    return data + rng.bytes(100)


def in_header(change: Change) -> Change:
    """The same in the header of a safetensors file, whose length is mostly right again."""

    def changed(data: bytes, rng: Rng) -> bytes:
        n = int.from_bytes(data[:8], "little")
        header = change(data[8 : 8 + n], rng)
        length = len(header) if rng.random() < 0.8 else int(rng.integers(2**62))
        return length.to_bytes(8, "little") + header + data[8 + n :]

    changed.__name__ = f"{change.__name__} in the header"
    return changed


TEXT = (a_number, a_number, a_number, a_word, a_word, a_piece, a_line, some_bits, an_end)
BINARY = (some_bits, an_end)
HEADER = (
    *(in_header(change) for change in (a_number, a_number, a_word, a_piece)),
    some_bits,
    an_end,
)


def changes_of(name: str) -> tuple[Change, ...]:
    if name.endswith(".safetensors"):
        return HEADER
    return BINARY if name.endswith(".bin") else TEXT


def attack(folder: Path, rng: Rng) -> str:
    """Change one to three files; what was done."""
    there = [name for name in FILES if (folder / name).exists()]
    shares = np.array([FILES[name] for name in there], float)
    done = []
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        name = str(rng.choice(there, p=shares / shares.sum()))
        options = changes_of(name)
        change = options[rng.integers(len(options))]
        rewrite(folder / name, change((folder / name).read_bytes(), rng))
        done.append(f"{name}: {change.__name__}")
    with suppress(ValueError, RecursionError, KeyError, TypeError, AttributeError):
        seal(folder)
    return ", ".join(done)


def good_models(root: Path) -> Iterator[tuple[Path, str]]:
    """A small model of each kind, with an input."""
    from topwork import ImageClassifier, ObjectDetector, TextClassifier

    images = root / "images"
    write_photographs(images, 24)
    files = sorted(path for path in images.rglob("*") if path.is_file())
    labels = ["even" if i % 2 == 0 else "odd" for i in range(len(files))]
    fitted = ImageClassifier(baselines=False).fit([str(file) for file in files], labels)
    yield fitted.save(root / "images.topwork"), str(files[0])
    network = model_folder(root / "bert")
    texts = TextClassifier(backbone=f"transformers:tiny@{network}", n_folds=3, baselines=False)
    yield texts.fit(read(*reviews(60))).save(root / "texts.topwork"), "fine lovely word1"
    shown, boxes = zip(*scenes(12, seed=0), strict=True)
    detector = ObjectDetector(n_folds=2, minutes=1e-3).fit(list(shown), list(boxes))
    yield detector.save(root / "objects.topwork"), str(files[0])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="A folder for the models that did harm.")
    given, _ = parser.parse_known_args()
    record = Record("fuzz_bundle")
    with own_cache() as root:
        results = fuzz(root, given.minutes, given.seed, given.keep)
    record.table(
        "what came of changed models",
        ("outcome", "models"),
        [(name, n) for name, n in sorted(results.items())],
    )
    record.target("models that hung, crashed or filled the memory", results["harm"], most=0)
    record.target("models tried", sum(results.values()), least=60 * given.minutes * 0.5)
    record.write()


def fuzz(root: Path, minutes: float, seed: int, keep: Path | None) -> Counter[str]:
    """Try changed models until the time is over."""
    models = _models(root)
    results: Counter[str] = Counter(harm=0)
    until, number = time.monotonic() + 60 * minutes, seed * 1_000_000
    while time.monotonic() < until:
        number += 1
        rng = np.random.default_rng(number)
        good, item = models[number % len(models)]
        folder = copied(Path(good), root / "changed.topwork")
        done = attack(folder, rng)
        (outcome,) = outcomes([item], [folder])
        fault = outcome.harm()
        if fault:
            print(f"HARM {number} ({done}): {fault}", flush=True)
            if keep is not None:
                shutil.copytree(folder, keep / str(number), dirs_exist_ok=True)
        name = "harm" if fault else "predicted" if outcome.status == 0 else "refused"
        results[name] += 1
        shutil.rmtree(folder)
    return results


def _models(root: Path) -> list[tuple[str, str]]:
    """The good models, made by another process: this one forks and may have no threads."""
    script = (
        "import json, sys; from pathlib import Path\n"
        "from benchmarks.fuzz_bundle import good_models\n"
        "print(json.dumps([[str(f), i] for f, i in good_models(Path(sys.argv[1]))]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(root)], stdout=subprocess.PIPE, text=True, check=True
    )
    found: list[tuple[str, str]] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
