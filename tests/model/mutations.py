"""Changes to a saved model that someone who wants harm could make, checksums made right again."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

from topwork.model.storage.manifest import MANIFEST

Mutation = Callable[[Path], None]


def copied(bundle: Path, place: Path) -> Path:
    """A copy that shares the files' content until they are replaced."""
    return Path(shutil.copytree(bundle, place, copy_function=os.link))


def rewrite(file: Path, content: bytes | str) -> None:
    """Replace a file; copies of the model keep theirs."""
    file.unlink(missing_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def seal(folder: Path) -> None:
    """Make the checksums right; a file that shares its content with another copy still has its."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for name in manifest["files"]:
        if (folder / name).is_file() and (folder / name).stat().st_nlink == 1:
            manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    rewrite(folder / MANIFEST, json.dumps(manifest))


def card(**changes: Any) -> Mutation:
    """Fields of ``model.json``; ``a__b`` is the field b of a."""

    def change(folder: Path) -> None:
        file = folder / "model.json"
        content = json.loads(file.read_bytes())
        for name, value in changes.items():
            *path, last = name.split("__")
            place = content
            for part in path:
                place = place[part]
            place[last] = value(place[last]) if callable(value) else value
        rewrite(file, json.dumps(content))

    return change


def manifest(**changes: Any) -> Mutation:
    def change(folder: Path) -> None:
        content = json.loads((folder / MANIFEST).read_bytes())
        rewrite(folder / MANIFEST, json.dumps({**content, **changes}))

    return change


def tensors(file: str, change: Callable[[dict[str, np.ndarray]], None]) -> Mutation:
    """The arrays of a file."""

    def mutate(folder: Path) -> None:
        arrays = {name: array.copy() for name, array in load_file(folder / file).items()}
        change(arrays)
        rewrite(folder / file, save(arrays))

    return mutate


def put(name: str, value: Any) -> Callable[[dict[str, np.ndarray]], None]:
    """One number of an array, or another array."""

    def change(arrays: dict[str, np.ndarray]) -> None:
        if isinstance(value, float):
            arrays[name].flat[0] = value
        else:
            arrays[name] = value(arrays[name])

    return change


def header(file: str, change: Callable[[dict[str, Any]], Any], length: int | None = None):
    """The header of a safetensors file."""

    def mutate(folder: Path) -> None:
        data = (folder / file).read_bytes()
        n = int.from_bytes(data[:8], "little")
        content = json.loads(data[8 : 8 + n])
        content = change(content) or content
        text = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        size = struct.pack("<Q", len(text) if length is None else length)
        rewrite(folder / file, size + text + data[8 + n :])

    return mutate


def entry(**changes: Any) -> Callable[[dict[str, Any]], None]:
    """Fields of the first tensor in a header."""

    def change(content: dict[str, Any]) -> None:
        name = next(name for name in content if name != "__metadata__")
        content[name].update(changes)

    return change


def text(file: str, pattern: str, other: str | Callable[[re.Match[str]], str]) -> Mutation:
    """The first place in a text file that looks like this."""

    def mutate(folder: Path) -> None:
        before = (folder / file).read_text("utf-8")
        after = re.sub(pattern, other, before, count=1, flags=re.DOTALL)
        assert after != before, f"nothing in {file} looks like {pattern}"
        rewrite(folder / file, after)

    return mutate


def whole(file: str, content: bytes | str) -> Mutation:
    return lambda folder: rewrite(folder / file, content)


def both(*parts: Mutation) -> Mutation:
    def mutate(folder: Path) -> None:
        for part in parts:
            part(folder)

    return mutate


def nan_in_graph(folder: Path) -> None:
    """Half of the constants become NaN."""
    data = bytearray((folder / "graph.bin").read_bytes())
    middle = len(data) // 8 * 4
    data[middle : middle + 64] = b"\xff" * 64
    rewrite(folder / "graph.bin", bytes(data))


NESTED = "[" * 100_000 + "]" * 100_000
ENTITIES = "<!DOCTYPE net [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(9)
)
HUGE = 2**40

ANY_TASK: Mapping[str, Mutation] = {
    "manifest nested": whole(MANIFEST, NESTED),
    "manifest of nested facts": text(MANIFEST, r'"facts": ?\{', f'"facts": {{"x": {NESTED}, '),
    "manifest of a newer schema": manifest(schema_version=7, more=1),
    "manifest of an older schema": manifest(schema_version=-1),
    "manifest with an unknown field": manifest(more=1),
    "manifest in other letters": whole(MANIFEST, b"\xff\xfe{}"),
    "manifest with a name twice": text(MANIFEST, r"\{", '{"schema_version": 1, '),
    "card nested": whole("model.json", NESTED),
    "card empty": whole("model.json", ""),
    "card with an unknown field": card(something_new=1),
    "card of a newer version": both(
        card(something_new=1), manifest(versions={"topwork": "99.0"})
    ),
    "card of another kind": card(kind="video"),
}  # fmt: skip
"""By name, for models of any task."""

EVERYWHERE: Mapping[str, Mutation] = {
    **ANY_TASK,
    "card with a long number": text(
        "model.json", r'"temperature": ?[\d.]+', '"temperature": ' + "9" * 5000
    ),
    "card with NaN": text("model.json", r'"temperature": ?[\d.]+', '"temperature": NaN'),
    "card of no temperature": card(temperature=0.0),
    "card of a negative temperature": card(temperature=-1.0),
    "card of a huge temperature": card(temperature=1e300),
    "card of fewer labels": card(labels=lambda labels: labels[:-1]),
    "card of more labels": card(labels=lambda labels: [*labels, "more"]),
    "card of no labels": card(labels=[]),
    "card of equal labels": card(labels=lambda labels: [labels[0]] * len(labels)),
    "card of a million labels": card(labels=[f"label {i}" for i in range(300_000)]),
    "card of a long label": card(labels=lambda labels: ["x" * 10**6, *labels[1:]]),
    "card of half a letter": text("model.json", r'"labels": ?\[\s*"', '"labels": ["\\\\ud800'),
    "card of another threshold": card(threshold=7.0),
    "head of NaN": tensors("head.safetensors", put("weight", float("nan"))),
    "head of infinity": tensors("head.safetensors", put("bias", float("inf"))),
    "head of other numbers": tensors("head.safetensors", put("weight", 12345.0)),
    "head of fewer classes": tensors("head.safetensors", put("bias", lambda b: b[:-1])),
    "head turned": tensors("head.safetensors", put("weight", lambda w: w.T.copy())),
    "head without a bias": tensors("head.safetensors", lambda arrays: arrays.pop("bias")),
    "head with more": tensors("head.safetensors", lambda a: a.update(more=np.ones(1))),
    "header of 2^62 bytes": header("head.safetensors", lambda h: None, 2**62),
    "header longer than the file": header("weights.safetensors", lambda h: None, 2**31),
    "header of 100,000 tensors": header(
        "head.safetensors",
        lambda h: h.update({f"t{i}": {**h["bias"], "shape": [0]} for i in range(100_000)}),
    ),
    "header of 99 MB": header("head.safetensors", lambda h: '{"a": "' + "x" * 99_000_000 + '"}'),
    "header nested": header("space.safetensors", lambda h: NESTED),
    "header of a shape that overflows": header(
        "head.safetensors", entry(shape=[2**32, 2**32, 2**32])
    ),
    "header of a negative shape": header("statistics.safetensors", entry(shape=[-1, -4])),
    "header of an unknown type": header("weights.safetensors", entry(dtype="F999")),
    "header of offsets outside": header("head.safetensors", entry(data_offsets=[0, HUGE])),
    "header of offsets backwards": header("space.safetensors", entry(data_offsets=[8, 0])),
    "header of a huge number": header("space.safetensors", lambda h: '{"a": ' + "9" * 10**5 + "}"),
    "tensors cut off": lambda f: rewrite(
        f / "statistics.safetensors", (f / "statistics.safetensors").read_bytes()[:-5]
    ),
    "tensors empty": whole("space.safetensors", b""),
    "space of NaN": tensors("space.safetensors", put("centre", float("nan"))),
    "counts of no items": tensors("statistics.safetensors", put("counts", np.zeros_like)),
    "space of nothing usual": tensors("space.safetensors", put("usual", lambda u: u[:0].copy())),
    "space of no weights": tensors("space.safetensors", put("weights", lambda w: w[:0].copy())),
    "sketches of other items": tensors(
        "statistics.safetensors", put("sketches", lambda s: np.zeros((3, 99), np.int8))
    ),
    "space of another size": tensors("space.safetensors", put("centre", lambda c: c[:-1].copy())),
    "codes of no class": tensors("statistics.safetensors", put("codes", lambda c: c + 1000)),
    "statistics of another size": tensors(
        "statistics.safetensors", put("covariance", lambda c: c[:1].copy())
    ),
    "weights of NaN": tensors(
        "weights.safetensors",
        lambda a: [x.fill(np.nan) for x in a.values() if x.dtype.kind == "f"],
    ),
    "graph of NaN": nan_in_graph,
    "graph of nested entities": text("graph.xml", r"\?>", f"?>{ENTITIES}]>"),
    "graph of a file as an entity": text(
        "graph.xml", r"\?>", '?><!DOCTYPE net [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    ),
    "graph of a layer without a type": text("graph.xml", r" type=\"Const\"", ""),
    "graph empty": whole("graph.xml", ""),
    "graph nested": whole("graph.xml", "<net>" + "<layers>" * 10**5 + "</layers>" * 10**5),
    "graph cut off": lambda f: rewrite(f / "graph.xml", (f / "graph.xml").read_bytes()[:-500]),
    "graph of other letters": text("graph.xml", r"\?>", ' encoding="utf-16"?>'),
    "constant outside": text("graph.xml", r'offset="0"', f'offset="{HUGE}"'),
    "constant of a negative place": text("graph.xml", r'offset="0"', 'offset="-64"'),
    "constant of a huge size": text("graph.xml", r'size="\d+"', f'size="{HUGE}"'),
    "constant of a huge shape": text(
        "graph.xml", r'(element_type="f32" shape=")[^"]*"', r'\g<1>99999999, 99999999"'
    ),
    "constants gone": whole("graph.bin", b""),
    "constants cut off": lambda f: rewrite(f / "graph.bin", (f / "graph.bin").read_bytes()[:100]),
    "foreign operation": text(
        "graph.xml", r'type="Add" version="opset\d+"', 'type="Add" version="evil"'
    ),
    "unknown operation": text("graph.xml", r'type="MatMul" version', 'type="Evil" version'),
    "loop": text("graph.xml", r'type="MatMul" version', 'type="Loop" version'),
    "layers with one number": text("graph.xml", r'<layer id="2"', '<layer id="1"'),
    "edge to nowhere": text("graph.xml", r'to-layer="\d+"', 'to-layer="999999"'),
    "edge in a circle": text("graph.xml", r'from-layer="\d+"', 'from-layer="30"'),
    "output of a huge size": text(
        "graph.xml", r"<dim>\d+</dim>", f"<dim>{HUGE}</dim><dim>{HUGE}</dim>"
    ),
    "files in each other's place": lambda f: rewrite(
        f / "space.safetensors", (f / "head.safetensors").read_bytes()
    ),
    "graph gone": lambda f: (f / "graph.xml").unlink(),
}  # fmt: skip
"""By name, for classifiers of any kind."""

IMAGES: Mapping[str, Mutation] = {
    "picture of 100,000 × 100,000": card(
        input__height=100_000, input__width=100_000, framing__height=100_000,
        framing__width=100_000,
    ),
    "the same in the graph": both(
        card(
            input__height=100_000, input__width=100_000, framing__height=100_000,
            framing__width=100_000,
        ),
        text("graph.xml", r'shape="\?,\d+,\d+,3"', 'shape="?,100000,100000,3"'),
    ),
    "picture of another size": card(
        input__height=512, input__width=512, framing__height=512, framing__width=512
    ),
    "picture of no size": card(input__height=0, framing__height=0),
    "columns that no table has": card(columns={"password": "x"}),
    "column with a name without end": card(columns={"label": "x" * 20_000}),
    "picture framed otherwise": card(framing__height=96),
    "graph of 2,048": text("graph.xml", r'shape="\?,\d+,\d+,3"', 'shape="?,2048,2048,3"'),
    "strides of 0": text("graph.xml", r'strides="\d+, ?\d+"', 'strides="0, 0"'),
    "strides of a million": text("graph.xml", r'strides="\d+, ?\d+"', 'strides="1000000, 1"'),
    "padding without end": text(
        "graph.xml", r'pads_end="\d+, ?\d+"', 'pads_end="99999999, 99999999"'
    ),
    "padding of a million": text(
        "graph.xml", r'pads_end="\d+, ?\d+"', 'pads_end="1000000, 1000000"'
    ),
    "no standard deviation": card(input__std=[0.0, 0.0, 0.0]),
}  # fmt: skip

TEXTS: Mapping[str, Mutation] = {
    "text without end": card(input__max_length=10**9, framing__max_length=10**9),
    "windows without end": card(input__windows=10**9, framing__windows=10**9),
    "no tokens": card(input__max_length=0, framing__max_length=0),
    "tokenizer nested": whole("tokenizer.json", NESTED),
    "tokenizer of other letters": whole("tokenizer.json", b"\xff\xfe"),
    "tokenizer of another model": text("tokenizer.json", "dull", "gull"),
    "tokenizer gone": lambda f: (f / "tokenizer.json").unlink(),
    "vocabulary of millions": card(input__vocabulary=10**12),
}
