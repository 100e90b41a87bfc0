"""Writing a model to a folder: as a whole, and only if it can be opened again."""

from __future__ import annotations

import importlib.metadata
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from topwork.backbones.engines.openvino import openvino
from topwork.errors import BundleError
from topwork.installation import topwork_version
from topwork.model.parts import NetworkParts, SealedParts
from topwork.model.storage.attached import optional_files
from topwork.model.storage.bundle import read_bundle
from topwork.model.storage.manifest import (
    MANIFEST,
    SCHEMA_VERSION,
    TOKENIZER,
    Manifest,
    files_of,
    is_bundle,
    sha256,
)
from topwork.runtime import new_folder


def write_bundle(
    parts: SealedParts, path: Path, *, previous_to: Callable[[], Path | None] | None = None
) -> Path:
    """Write a model to the folder ``path``; an older bundle there is replaced as a whole.

    Parameters
    ----------
    previous_to
        Says, when the new one is complete, where the older one goes instead of being removed.

    Raises
    ------
    BundleError
        ``path`` holds something else, or the model could not be opened again.
    """
    check_target(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with new_folder(path, old_to=previous_to) as draft:
        _write(parts, draft)
        _check_again(draft)
        draft.chmod(0o755)
    return path


def _check_again(draft: Path) -> None:
    """Refuse to save what `read_bundle` would refuse to open."""
    try:
        read_bundle(draft)
    except BundleError as error:
        raise BundleError(
            f"The model was not saved, because it could not be opened again: {error.message}",
            remedy="Report this as a fault of topwork, with this message.",
            code="unreadable",
        ) from error


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


def _write(parts: SealedParts, folder: Path) -> None:
    from safetensors.numpy import save_file

    (folder / "model.json").write_text(parts.card.model_dump_json(indent=1))
    if isinstance(parts, NetworkParts):
        _write_network(parts, folder)
    for name, arrays in parts.records().items():
        rows = {k: np.ascontiguousarray(v) for k, v in arrays.items()}
        save_file(rows, folder / f"{name}.safetensors")
    for file in folder.iterdir():
        file.chmod(0o644)  # safetensors writes for the owner alone
    for name, text in parts.pages.items():
        (folder / name).write_text(text, "utf-8", errors="replace")
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        task=parts.card.task,
        modality=parts.card.kind,
        form=parts.card.form,
        files={
            name: sha256(folder / name)
            for name in sorted(
                files_of(parts.card.form, parts.card.task)
                | optional_files(parts.card)
                | parts.pages.keys()
            )
        },
        versions={
            "topwork": topwork_version(),
            **{p: importlib.metadata.version(p) for p in ("openvino", "numpy")},
        },
        facts=parts.facts,
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1))


def _write_network(parts: NetworkParts, folder: Path) -> None:
    from safetensors.numpy import save_file

    openvino().save_model(parts.graph, folder / "graph.xml", compress_to_fp16=False)
    shutil.copyfile(parts.weights, folder / "weights.safetensors")
    save_file(parts.head_arrays(), folder / "head.safetensors")
    if parts.card.input.tokenized:
        (folder / TOKENIZER).write_text(parts.tokenizer, "utf-8")
