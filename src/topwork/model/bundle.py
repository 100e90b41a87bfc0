"""A model on disk: one folder of plain data, sealed by checksums."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import shutil
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from topwork.backbones.engines.openvino import core, openvino
from topwork.data import Preparation, Tokenizing
from topwork.errors import BundleError
from topwork.evaluation.known_space import KnownSpace
from topwork.heads import LinearHead
from topwork.model.card import Card
from topwork.model.statistics import TrainingStatistics
from topwork.runtime import new_folder

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
FILES = frozenset(
    {
        "model.json",
        "graph.xml",
        "graph.bin",
        "weights.safetensors",
        "head.safetensors",
        "statistics.safetensors",
        "space.safetensors",
    }
)
"""Every file that a bundle holds besides its manifest, whatever its items are."""

TOKENIZER = "tokenizer.json"
FILES_OF: Mapping[str, frozenset[str]] = {"image": frozenset(), "text": frozenset({TOKENIZER})}
"""What else it holds, by the kind of its items."""

PAGES = frozenset({"report.html", "README.md"})
"""Files for people that it may hold."""

_PICKLE_ENDINGS = (".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".npy", ".npz")
_REMEDY = "Get a fresh copy of the model, or make it again with topwork fit."


@dataclass(frozen=True, slots=True)
class Parts:
    """What a model is made of, and all that a bundle holds.

    Parameters
    ----------
    card
        Everything that isn't a tensor.
    head
        The trained part.
    graph
        The compiled graph, bytes in, logits and features out: ``openvino.Model``.
    weights
        The file with the backbone's tensors.
    statistics
        What the model remembers of its training features.
    space
        Where the known classes lie, to tell unknown items by.
    facts
        Scores, versions and data fingerprint, for the manifest.
    pages
        Texts for people by file name: the report and the model card.
    tokenizer
        Of texts, as JSON.
    """

    card: Card
    head: LinearHead
    graph: Any
    weights: Path
    statistics: TrainingStatistics
    space: KnownSpace
    facts: dict[str, Any]
    pages: Mapping[str, str] = field(default_factory=dict)
    tokenizer: str = ""

    @property
    def preparation(self) -> Preparation:
        """How an item becomes the network's input."""
        framing = self.card.framing
        if isinstance(framing, Tokenizing):
            return replace(framing, tokenizer=self.tokenizer)
        return framing


class Manifest(BaseModel):
    """``manifest.json``: what the other files must be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int
    files: dict[str, str]
    versions: dict[str, str]
    facts: dict[str, Any]


def write_bundle(parts: Parts, path: Path) -> Path:
    """Write a model to the folder ``path``; an older bundle there is replaced as a whole.

    Raises
    ------
    BundleError
        ``path`` holds something else.
    """
    check_target(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with new_folder(path) as draft:
        _write(parts, draft)
        draft.chmod(0o755)
    return path


def check_target(path: Path) -> None:
    """Refuse to write a model where something else is.

    Raises
    ------
    BundleError
        ``path`` holds something that isn't a model.
    """
    if path.exists() and not is_bundle(path):
        raise BundleError(
            f"{path} exists and is not a model of topwork, so it is left as it is.",
            remedy="Choose another name for the model with --out.",
            code="would_overwrite",
        )


def is_bundle(path: Path) -> bool:
    """Whether ``path`` is a folder with a manifest."""
    return (path / MANIFEST).is_file()


def read_bundle(path: str | Path) -> Parts:
    """Read a bundle, checking every byte.

    Raises
    ------
    BundleError
        Something is missing, changed, unknown, or doesn't belong there.
    """
    from safetensors.numpy import load_file

    folder = Path(path)
    manifest = _checked(folder)
    card = Card.model_validate_json((folder / "model.json").read_bytes())
    _check_files(folder, manifest, FILES_OF[card.kind])
    tokenizer = folder / TOKENIZER
    head = load_file(folder / "head.safetensors")
    return Parts(
        card=card,
        head=LinearHead(head["weight"], head["bias"], bool(head["normalise"][0])),
        graph=core().read_model(folder / "graph.xml"),
        weights=folder / "weights.safetensors",
        statistics=TrainingStatistics(**load_file(folder / "statistics.safetensors")),
        space=KnownSpace(**load_file(folder / "space.safetensors")),
        facts=manifest.facts,
        pages={name: (folder / name).read_text("utf-8") for name in PAGES & manifest.files.keys()},
        tokenizer=tokenizer.read_text("utf-8") if card.kind == "text" else "",
    )


def _write(parts: Parts, folder: Path) -> None:
    from safetensors.numpy import save_file

    (folder / "model.json").write_text(parts.card.model_dump_json(indent=1))
    openvino().save_model(parts.graph, folder / "graph.xml", compress_to_fp16=False)
    shutil.copyfile(parts.weights, folder / "weights.safetensors")
    save_file(
        {
            "weight": np.ascontiguousarray(parts.head.weight, np.float32),
            "bias": np.ascontiguousarray(parts.head.bias, np.float32),
            "normalise": np.array([parts.head.normalise]),
        },
        folder / "head.safetensors",
    )
    for name, arrays in (("statistics", parts.statistics), ("space", parts.space)):
        rows = {k: np.ascontiguousarray(v) for k, v in asdict(arrays).items()}
        save_file(rows, folder / f"{name}.safetensors")
    if parts.card.kind == "text":
        (folder / TOKENIZER).write_text(parts.tokenizer, "utf-8")
    for file in folder.iterdir():
        file.chmod(0o644)  # safetensors writes for the owner alone
    for name, text in parts.pages.items():
        (folder / name).write_text(text, "utf-8")
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        files={
            name: _sha256(folder / name)
            for name in sorted(FILES | FILES_OF[parts.card.kind] | parts.pages.keys())
        },
        versions={p: importlib.metadata.version(p) for p in ("topwork", "openvino", "numpy")},
        facts=parts.facts,
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1))


def _checked(folder: Path) -> Manifest:
    manifest = _manifest(folder)
    if manifest.schema_version != SCHEMA_VERSION:
        raise BundleError(
            f"{folder} has schema version {manifest.schema_version}; this topwork reads "
            f"version {SCHEMA_VERSION}.",
            remedy="Install the topwork that made it, or make the model again.",
            code="unknown_schema",
        )
    for name in manifest.files:
        _check_name(folder, name)
    for file in folder.iterdir():
        _check_member(file, manifest)
    _check_files(folder, manifest, {*FILES, *manifest.files})
    return manifest


def _check_files(folder: Path, manifest: Manifest, names: AbstractSet[str]) -> None:
    """See that files are there and as the manifest says."""
    for name in names:
        digest = manifest.files.get(name)
        if digest is None or not (folder / name).is_file():
            raise BundleError(f"{folder} lacks {name}.", remedy=_REMEDY, code="missing_file")
        if _sha256(folder / name) != digest:
            raise BundleError(
                f"{name} in {folder} was changed after the model was saved.",
                remedy=_REMEDY,
                code="changed_file",
            )


def _manifest(folder: Path) -> Manifest:
    if not is_bundle(folder):
        why = f"has no {MANIFEST}" if folder.exists() else "does not exist"
        raise BundleError(
            f"{folder} is not a model: it {why}.",
            remedy="Give the folder that topwork fit --out wrote.",
            code="not_a_bundle",
        )
    text = (folder / MANIFEST).read_bytes()
    try:
        raw = json.loads(text)
        version = raw.get("schema_version") if isinstance(raw, dict) else None
        if isinstance(version, int) and version != SCHEMA_VERSION:
            return Manifest(schema_version=version, files={}, versions={}, facts={})
        return Manifest.model_validate(raw)
    except (ValueError, ValidationError) as error:
        raise BundleError(
            f"The manifest of {folder} is not what topwork writes.",
            remedy=_REMEDY,
            code="bad_manifest",
        ) from error


def _check_name(folder: Path, name: str) -> None:
    if Path(name).name != name or name in {".", ".."} or "\\" in name:
        raise BundleError(
            f"The manifest of {folder} names a path outside the folder: {name!r}.",
            remedy=_REMEDY,
            code="outside_path",
        )
    if name not in FILES.union(PAGES, *FILES_OF.values()):
        raise BundleError(
            f"The manifest of {folder} names a file that no model has: {name!r}.",
            remedy=_REMEDY,
            code="unknown_file",
        )


def _check_member(file: Path, manifest: Manifest) -> None:
    if file.is_symlink():
        raise BundleError(
            f"{file.name} in {file.parent} is a link that leads outside the folder.",
            remedy=_REMEDY,
            code="outside_path",
        )
    if file.name == MANIFEST or file.name in manifest.files:
        return
    kind = "a pickle, which could run code" if _is_pickle(file) else "not part of a model"
    raise BundleError(
        f"{file.name} in {file.parent} is {kind}.",
        remedy="Remove the file if you put it there; otherwise don't trust the folder.",
        code="pickle" if _is_pickle(file) else "unknown_file",
    )


def _is_pickle(file: Path) -> bool:
    if file.suffix.lower() in _PICKLE_ENDINGS:
        return True
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        head = stream.read(2)
    return head[:1] == b"\x80" or head == b"PK"


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
