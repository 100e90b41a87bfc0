"""What lies in the folder of a model: the manifest, the files that it names, and nothing else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from topwork.data import ModalityName
from topwork.errors import BundleError
from topwork.installation import topwork_version
from topwork.model.card import Form
from topwork.model.storage.json_file import read_json
from topwork.model.storage.refusal import REMEDY, refusal
from topwork.settings.choices import TaskName

SCHEMA_VERSION = 2
READABLE = (1, 2)
"""Schema 1 knew one task, classes, and did not name it."""

MANIFEST = "manifest.json"
FILES = frozenset(
    {
        "model.json",
        "graph.xml",
        "graph.bin",
        "weights.safetensors",
        "head.safetensors",
    }
)
"""Every file that a bundle with a network holds besides its manifest, whatever its task is."""

FILES_OF_FORM: Mapping[Form, frozenset[str]] = {
    "network": FILES,
    "detector": FILES,
    "columns": frozenset({"model.json"}),
    "table": frozenset({"model.json", "head.safetensors"}),
}
"""The same by what makes numbers of the items."""

FILES_OF_TASK: Mapping[TaskName, frozenset[str]] = {
    "classes": frozenset({"statistics.safetensors", "space.safetensors"}),
    "labels": frozenset({"training.safetensors"}),
    "number": frozenset({"training.safetensors"}),
    "ordinal": frozenset({"training.safetensors"}),
    "boxes": frozenset({"training.safetensors"}),
    "clusters": frozenset({"clusters.safetensors"}),
    "one-class": frozenset({"training.safetensors"}),
}
"""What else it holds, by its task."""


def files_of(form: Form, task: TaskName) -> frozenset[str]:
    """Every file that such a bundle holds besides its manifest, but those that not all have."""
    own = frozenset({"training.safetensors"}) if form == "table" else FILES_OF_TASK[task]
    return FILES_OF_FORM[form] | own


TOKENIZER = "tokenizer.json"
"""What it holds besides where its network takes tokens."""

PAGES = frozenset({"report.html", "README.md"})
"""Files for people that it may hold. No answer comes from them, so that they may be edited."""

_PICKLE_ENDINGS = (".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".npy", ".npz")
_LEFT_BEHIND = frozenset(
    (".ds_store", ".localized", ".directory", "desktop.ini", "thumbs.db", "ehthumbs.db", "icon\r",
     ".gitattributes", ".gitignore")
)  # fmt: skip
_FOLDERS_LEFT_BEHIND = frozenset(
    (".ipynb_checkpoints", "@eadir", "__macosx", ".appledouble", ".git", ".cache")
)
"""What systems and programs leave in folders that are looked at, in lower case; never opened."""


class Manifest(BaseModel):
    """``manifest.json``: what the other files must be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int
    task: TaskName = "classes"
    modality: ModalityName | None = None
    form: Form = "network"
    files: dict[str, str]
    versions: dict[str, str]
    facts: dict[str, Any]


def is_bundle(path: Path) -> bool:
    """Whether ``path`` is a folder with a manifest."""
    return (path / MANIFEST).is_file()


def checked_manifest(folder: Path) -> Manifest:
    """The manifest of a folder that holds what it names, unchanged, and nothing else.

    Raises
    ------
    BundleError
        Something is missing, changed, unknown, or doesn't belong there.
    """
    manifest = _manifest(folder)
    for name in manifest.files:
        _check_name(folder, name)
    for file in folder.iterdir():
        _check_member(file, manifest)
    files = files_of(manifest.form, manifest.task)
    check_files(folder, manifest, {*files, *manifest.files} - PAGES)
    return manifest


def check_files(folder: Path, manifest: Manifest, names: AbstractSet[str]) -> None:
    """See that files are there and as the manifest says."""
    for name in sorted(names):
        digest = manifest.files.get(name)
        if digest is None or not (folder / name).is_file():
            raise refusal(f"{folder} lacks {name}.", code="missing_file")
        if sha256(folder / name) != digest:
            raise refusal(
                f"{name} in {folder} was changed after the model was saved.", code="changed_file"
            )


def edited_pages(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """Pages for people that were changed after the model was saved."""
    there = (name for name in sorted(PAGES & manifest.files.keys()) if (folder / name).is_file())
    return tuple(name for name in there if sha256(folder / name) != manifest.files[name])


def newer(manifest: Manifest) -> str | None:
    """The version of topwork that made it, if that is newer than this one."""
    theirs, ours = manifest.versions.get("topwork", ""), topwork_version()
    return theirs if _numbers(theirs) > _numbers(ours) else None


def made_by_newer(folder: Path, what: str) -> BundleError:
    """A model can't be read because a newer topwork wrote it."""
    return BundleError(
        f"{folder} was made by a newer version of topwork ({what}).",
        remedy="Upgrade topwork here, or make the model again with this version.",
        code="unknown_schema",
    )


def sha256(file: Path) -> str:
    """The checksum of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d{1,9}", version[:100])]


def _manifest(folder: Path) -> Manifest:
    if not is_bundle(folder):
        why = f"has no {MANIFEST}" if folder.exists() else "does not exist"
        raise BundleError(
            f"{folder} is not a model: it {why}.",
            remedy="Give the folder that topwork fit --out wrote.",
            code="not_a_bundle",
        )
    raw = read_json(folder / MANIFEST, code="bad_manifest")
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise made_by_newer(folder, f"schema {version}; this one reads {SCHEMA_VERSION}")
    try:
        manifest = Manifest.model_validate(raw)
    except ValidationError as error:
        raise refusal(
            f"The manifest of {folder} is not what topwork writes.", code="bad_manifest"
        ) from error
    if manifest.schema_version not in READABLE:
        raise refusal(f"{folder} has the schema version {version}.", code="unknown_schema")
    if manifest.schema_version == 1 and manifest.task != "classes":
        raise refusal(f"The manifest of {folder} contradicts itself.", code="bad_manifest")
    return manifest


def _check_name(folder: Path, name: str) -> None:
    if Path(name).name != name or name in {".", ".."} or "\\" in name:
        raise refusal(
            f"The manifest of {folder} names a path outside the folder: {name[:100]!r}.",
            code="outside_path",
        )
    if name not in FILES.union(PAGES, {TOKENIZER}, *FILES_OF_TASK.values()):
        raise refusal(
            f"The manifest of {folder} names a file that no model has: {name[:100]!r}.",
            code="unknown_file",
        )


def _check_member(file: Path, manifest: Manifest) -> None:
    if file.is_symlink():
        raise refusal(
            f"{file.name} in {file.parent} is a link that leads outside the folder.",
            code="outside_path",
        )
    if file.name == MANIFEST or file.name in manifest.files or _left_behind(file):
        return
    kind = "a pickle, which could run code" if _is_pickle(file) else "not part of a model"
    raise BundleError(
        f"{file.name} in {file.parent} is {kind}.",
        remedy="Remove the file if you put it there; otherwise don't trust the folder.",
        code="pickle" if _is_pickle(file) else "unknown_file",
    )


def _left_behind(file: Path) -> bool:
    name = file.name.lower()
    if file.is_dir():
        return name in _FOLDERS_LEFT_BEHIND
    return name in _LEFT_BEHIND or (
        name.startswith("._") and file.suffix.lower() not in _PICKLE_ENDINGS
    )


def _is_pickle(file: Path) -> bool:
    if file.suffix.lower() in _PICKLE_ENDINGS:
        return True
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        head = stream.read(2)
    return head[:1] == b"\x80" or head == b"PK"


__all__ = [
    "FILES",
    "FILES_OF_FORM",
    "FILES_OF_TASK",
    "MANIFEST",
    "PAGES",
    "REMEDY",
    "SCHEMA_VERSION",
    "TOKENIZER",
    "Manifest",
    "check_files",
    "checked_manifest",
    "edited_pages",
    "files_of",
    "is_bundle",
    "made_by_newer",
    "newer",
    "sha256",
]
