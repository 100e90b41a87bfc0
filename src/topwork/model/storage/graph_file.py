"""A graph as OpenVINO writes it (``graph.xml``, ``graph.bin``), checked before it is compiled.

The library that reads graphs trusts them: it would follow entities and offsets, load what others
wrote for it, and run loops. So only its own operations without control flow and state are taken,
every constant must lie in the file beside it, and shapes must stay within bounds.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

import numpy as np

from topwork.model.storage.refusal import refusal
from topwork.model.storage.tensor_file import all_numbers

MAX_BYTES = 64 * 2**20
MAX_LAYERS = 100_000
MAX_ELEMENTS = 2**26
"""Of one tensor, for one item."""

_DEEPEST = 24
_LONGEST = 100_000
_OWN = re.compile(r"opset([1-9]|1[0-9])")
_PARTS = frozenset(
    ("net", "layers", "layer", "data", "input", "output", "port", "dim", "edges", "edge")
)
_NEVER = frozenset(
    (
        "Assign", "ReadValue", "Loop", "TensorIterator", "If", "ReadLines", "Framework",
        "RandomUniform", "Multinomial", "Proposal", "Bucketize", "Eye", "StringTensorUnpack",
        "StringTensorPack", "DetectionOutput", "PagedAttentionExtension",
    )
)  # fmt: skip
"""Control flow, state, chance, and what no network for features needs."""

_BITS: Mapping[str, int] = {
    "boolean": 8, "u1": 1, "u2": 2, "u4": 4, "i4": 4, "nf4": 4, "u8": 8, "i8": 8, "f8e4m3": 8,
    "f8e5m2": 8, "u16": 16, "i16": 16, "f16": 16, "bf16": 16, "u32": 32, "i32": 32, "f32": 32,
    "u64": 64, "i64": 64, "f64": 64,
}  # fmt: skip


@dataclass(slots=True)
class _Element:
    name: str
    attributes: dict[str, str]
    children: list[_Element] = field(default_factory=list)
    text: str = ""

    def find(self, *names: str) -> Iterator[_Element]:
        """Elements below it along a path of names."""
        if not names:
            yield self
            return
        for child in self.children:
            if child.name == names[0]:
                yield from child.find(*names[1:])


Shape = tuple[int, ...]


def check_graph_files(folder: Path) -> dict[str, list[Shape]]:
    """Refuse a graph that topwork would not have written.

    Returns
    -------
    dict
        By the name of each layer the shapes that the file says its outputs have, -1 for any size;
        without names that several layers have.

    Raises
    ------
    BundleError
        It has entities, foreign operations, constants outside its file, or NaN among them.
    """
    net = _parsed(folder / "graph.xml")
    layers = list(net.find("layers", "layer"))
    if net.name != "net" or not 0 < len(layers) <= MAX_LAYERS:
        _bad("has no layers, or too many")
    for layer in layers:
        _check_layer(layer)
    _check_edges(net, layers)
    _check_constants(folder / "graph.bin", layers)
    names = Counter(layer.attributes.get("name", "") for layer in layers)
    return {
        name: _shapes(layer)
        for layer in layers
        if names[name := layer.attributes.get("name", "")] == 1
    }


def _shapes(layer: _Element) -> list[Shape]:
    ports = layer.find("output", "port")
    return [tuple(_integer(dim.text) for dim in port.find("dim")) for port in ports]


def _parsed(file: Path) -> _Element:
    if file.stat().st_size > MAX_BYTES:
        _bad("is too large")
    tree = _Tree()
    try:
        tree.parser.Parse(file.read_bytes(), True)
    except expat.ExpatError:
        _bad("is no XML")
    if tree.root is None:
        _bad("is no XML")
    return tree.root


class _Tree:
    """Elements as they are read; what lies below ``rt_info`` is notes, which nothing depends on."""

    def __init__(self) -> None:
        self.root: _Element | None = None
        self._open: list[_Element] = []
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = lambda *_: _bad("declares entities")
        parser.EntityDeclHandler = lambda *_: _bad("declares entities")
        parser.ProcessingInstructionHandler = lambda *_: _bad("holds instructions")
        parser.StartCdataSectionHandler = lambda *_: _bad("holds raw data")

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:  # noqa: ARG002
        if (encoding or "utf-8").lower() != "utf-8":
            _bad("is not in UTF-8")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            _bad("is nested too deeply")
        if any(len(value) > _LONGEST for value in attributes.values()):
            _bad("has an attribute that is too long")
        notes = name == "rt_info" or any(element.name == "rt_info" for element in self._open)
        if not notes and name not in _PARTS:
            _bad(f"has a part that topwork does not write ({name[:50]})")
        element = _Element(name, attributes)
        if self._open:
            self._open[-1].children.append(element)
        elif self.root is None:
            self.root = element
        self._open.append(element)

    def _end(self, name: str) -> None:  # noqa: ARG002
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open and self._open[-1].name == "dim":
            self._open[-1].text += text[:_LONGEST]


def _check_layer(layer: _Element) -> None:
    kind, version = layer.attributes.get("type", ""), layer.attributes.get("version", "")
    if not kind or not _OWN.fullmatch(version) or kind in _NEVER:
        _bad(f"holds an operation that no network here needs ({kind[:50]!r} of {version[:50]!r})")
    for port in (*layer.find("input", "port"), *layer.find("output", "port")):
        dims = [_integer(dim.text) for dim in port.find("dim")]
        if math.prod(max(1, dim) for dim in dims) > 64 * MAX_ELEMENTS:
            _bad("holds a tensor that is too large")
    for data in layer.find("data"):
        for name, value in data.attributes.items():
            if kind != "Const" and re.search(r"(?<![\d.eE+-])-?\d{8,}(?![\d.]*[eE.])", value):
                _bad(f"has a number that is too large ({name[:50]})")


def _check_edges(net: _Element, layers: list[_Element]) -> None:
    ids = {layer.attributes.get("id") for layer in layers}
    if len(ids) < len(layers):
        _bad("gives a number to two layers")
    for edge in net.find("edges", "edge"):
        if not {edge.attributes.get("from-layer"), edge.attributes.get("to-layer")} <= ids:
            _bad("connects layers that are not there")


def _check_constants(file: Path, layers: list[_Element]) -> None:
    size = file.stat().st_size
    content = np.memmap(file, np.uint8, "r") if size else np.empty(0, np.uint8)
    for layer in layers:
        if layer.attributes.get("type") != "Const":
            continue
        for data in layer.find("data"):
            kind = data.attributes.get("element_type", "")
            shape = [_integer(part) for part in data.attributes.get("shape", "").split(",") if part]
            begin = _integer(data.attributes.get("offset", ""))
            length = _integer(data.attributes.get("size", ""))
            if kind not in _BITS or min((*shape, begin, length), default=0) < 0:
                _bad("has a constant of no known type or shape")
            if begin + length > size:
                _bad("has a constant outside its file")
            if -(-math.prod(shape) * _BITS[kind] // 8) != length:
                _bad("has a constant whose shape is not that of its data")
            if not all_numbers(content[begin : begin + length], kind.upper()):
                raise refusal("graph.bin holds what is no number.", code="not_finite")


def _integer(text: str) -> int:
    text = text.strip()
    if not re.fullmatch(r"-1|\d{1,18}", text):
        _bad("has a size that is no number")
    return int(text)


def _bad(why: str) -> NoReturn:
    raise refusal(f"graph.xml {why}.", code="bad_graph")
