"""The folder of an exported model: the model, how its input is prepared, and the proof."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.deployment.export.exported_graph import ExportedGraph
from topwork.deployment.export.exported_readme import readme
from topwork.deployment.export.parity import TOLERANCE, Compared, Parity
from topwork.deployment.export.preparation import (
    PreparationFiles,
    check_texts,
    preparation_files,
)
from topwork.deployment.export.probe_inputs import batches, synthetic_inputs
from topwork.deployment.export.target import Target
from topwork.errors import UserError
from topwork.model.detection.model import DetectorModel
from topwork.model.model import Model
from topwork.model.sealed_model import NetworkModel
from topwork.runtime import new_folder
from topwork.runtime.progress import Progress, silent

PARITY: Final = "parity.json"


class ParityError(UserError):
    """An exported model doesn't give what the model gives."""


def write_export(
    model: NetworkModel,
    exported: ExportedGraph,
    target: Target,
    folder: Path,
    inputs: Iterable[NDArray[Any]],
    *,
    progress: Progress = silent,
) -> Parity:
    """Write the folder of an exported model; nothing where the proof fails.

    Parameters
    ----------
    inputs
        Of items, as the network takes them.
    """
    prepared = preparation_files(model)
    with new_folder(folder) as draft:
        (draft / target.file).parent.mkdir(parents=True, exist_ok=True)
        target.write(exported.graph, draft / target.file)
        for name, text in target.beside(exported.graph).items():
            (draft / name).write_text(text, encoding="utf-8")
        compared = Compared(exported, target.opened(draft / target.file))
        bound = target.tolerance
        vectors = prove(model, compared, inputs, target.title, tolerance=bound, progress=progress)
        parity = compared.parity()
        _write_proof(draft, model, target, parity, vectors)
        _write_preparation(draft, exported, prepared)
        readme_text = readme(model, exported, target, parity, notes=notes_on(model))
        (draft / "README.md").write_text(readme_text, encoding="utf-8")
    return parity


def prove(
    model: NetworkModel,
    compared: Compared,
    inputs: Iterable[NDArray[Any]],
    title: str,
    *,
    tolerance: float = TOLERANCE,
    progress: Progress = silent,
) -> dict[str, NDArray[Any]]:
    """Compare what both give, and refuse what differs.

    Parameters
    ----------
    title
        What the model was run by, in sentences.
    tolerance
        As a share of an output's range.

    Returns
    -------
    The synthetic inputs with what they must give.

    Raises
    ------
    ParityError
        An output differs by more than is allowed.
    """
    synthetic = synthetic_inputs(model.card.input)
    # the first alone: a batch may have any size
    parts = [compared.see(part) for part in (synthetic[:1], synthetic[1:])]
    waiting = list(inputs)
    done = 0
    for batch in batches(waiting):
        compared.see(batch)
        done += len(batch)
        progress(done, len(waiting))
    given = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    _check(compared.parity(), title, model, tolerance)
    vectors = {name: np.ascontiguousarray(rows, np.float32) for name, rows in given.items()}
    return {"inputs": synthetic, **vectors}


def _check(parity: Parity, title: str, model: NetworkModel, tolerance: float) -> None:
    name, gap = parity.worst(tolerance)
    if gap <= tolerance:
        return
    eight_bits = isinstance(model, Model) and model.card.int8
    flipped = f", and predicts something else for {parity.labels_flipped} of {parity.n} inputs"
    raise ParityError(
        f"The model gives something else in {title}: {name} differs by "
        f"{gap:.2%} of its range ({tolerance:.2%} is allowed)"
        f"{flipped if parity.labels_flipped else ''}. Nothing was written.",
        remedy="Leave --half out."
        if tolerance > TOLERANCE
        else "Export to openvino, the format that topwork runs itself, or fit "
        + (
            "without --int8: runtimes round 8-bit integers differently."
            if eight_bits
            else "with another backbone."
        ),
        code="not_the_same",
    )


def _write_proof(
    draft: Path,
    model: NetworkModel,
    target: Target,
    parity: Parity,
    vectors: dict[str, NDArray[Any]],
) -> None:
    from safetensors.numpy import save_file

    told = {
        "target": target.name,
        "file": target.file,
        "runtime": target.runtime,
        "version": target.version,
    }
    write_parity(draft, model, parity, told, tolerance=target.tolerance)
    save_file(vectors, draft / "vectors.safetensors")
    recipes = Path(__file__).parent / "recipes"
    runtime = recipes / f"{target.recipe.rpartition('.')[2]}.py"
    for name, source in (("verify.py", recipes / "verify.py"), ("runtime.py", runtime)):
        (draft / name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")


def write_parity(
    draft: Path,
    model: NetworkModel,
    parity: Parity,
    told: Mapping[str, str],
    *,
    tolerance: float = TOLERANCE,
) -> None:
    """Write ``parity.json``: what was compared, and the digests of all files that are there."""
    files = {
        file.relative_to(draft).as_posix(): sha256(file.read_bytes()).hexdigest()
        for file in sorted(draft.rglob("*"))
        if file.is_file()
    }
    whole = {
        **told,
        "files": files,
        "model": model.identity,
        "tolerance": tolerance,
        "scales": parity.scales(tolerance),
        **parity.model_dump(),
    }
    (draft / PARITY).write_text(json.dumps(whole, indent=1), encoding="utf-8")


def _write_preparation(draft: Path, exported: ExportedGraph, prepared: PreparationFiles) -> None:
    for name, text in prepared.files.items():
        (draft / name).write_text(text, encoding="utf-8")
    told = {"input": exported.input_name, **prepared.told, **exported.meaning}
    (draft / "preprocess.json").write_text(
        json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8"
    )
    np.savez_compressed(draft / "golden.npz", **prepared.golden)  # type: ignore[arg-type]
    check_texts(prepared, draft)


def notes_on(model: NetworkModel) -> list[str]:
    """What the model in topwork does besides, in sentences."""
    found = []
    if isinstance(model, DetectorModel):
        found.append(
            "The exported model gives all boxes with scores; topwork then leaves out boxes on the "
            "same object and makes probabilities of the scores."
        )
        if model.card.tiles > 1:
            found.append("In topwork the model looks at tiles of an image, too.")
    if model.card.appearance.levels is not None or model.card.appearance.window:
        found.append(
            "Images of more than 8 bits per channel, DICOM and NIfTI have to be brought to 8 bits "
            "as topwork does, before they are prepared."
        )
    return found
