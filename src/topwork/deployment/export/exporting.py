"""A saved model in the format of another runtime, with the proof that it gives the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from topwork.data import Item
from topwork.deployment.export.bundle_folder import write_bundle_folder
from topwork.deployment.export.export_folder import PARITY, notes_on, write_export
from topwork.deployment.export.exported_graph import exported_graph
from topwork.deployment.export.probe_inputs import inputs_of
from topwork.deployment.export.result import ExportResult
from topwork.deployment.export.serving.bundle_servers import BUNDLE_SERVERS, BundleServer
from topwork.deployment.export.target import TARGETS, Target
from topwork.errors import ParameterError
from topwork.installation import require, topwork_version
from topwork.intake.source_files import noted_source_files
from topwork.model.detection.model import DetectorModel
from topwork.model.heads.linear_model import LinearModel
from topwork.model.inspection.model import InspectorModel
from topwork.model.loading import AnyModel, load
from topwork.model.model import Model
from topwork.model.sealed_model import NetworkModel
from topwork.runtime.progress import Progress, silent

MAX_ITEMS: Final = 200
"""Items of the user that both runtimes are compared on."""


def export_model(
    model: AnyModel | str | Path,
    to: str = "onnx",
    out: str | Path | None = None,
    *,
    items: Any = None,
    half: bool = False,
    int8: bool = False,
    progress: Progress = silent,
) -> ExportResult:
    """Write a model in the format of another runtime, if it gives the same there.

    Both are run on sixteen synthetic inputs and on up to 200 items. Where an output differs by
    more than 1e-4 of its range, nothing is written.

    Parameters
    ----------
    model
        A fitted model, or the folder of a saved one.
    to
        ``onnx``, ``openvino``, ``keras``, ``savedmodel`` or ``litert``; for a server of graphs
        ``ovms`` or ``triton``; with the model itself ``docker``, ``hf`` or ``ray``.
    out
        A new folder, or one that an export wrote; by default beside the model.
    items
        What else to compare on, as ``predict`` takes it; by default the items of the fit that are
        still where they were.
    half
        Whether weights are stored in float16, if probabilities differ by at most 0.01, or a
        predicted number by 1 % of its range.
    int8
        Whether to insist on a graph in 8-bit integers, which only ``fit`` makes: by held-out items.

    Raises
    ------
    ParameterError
        There is no such format, the model has no graph, something else lies at ``out``, or the
        model isn't one of 8-bit integers.
    UnsupportedOperatorError
        The graph has an operator that the format has no form for.
    ParityError
        The exported model gives something else.

    Examples
    --------
    >>> import tempfile, numpy as np, topwork as tw
    >>> rng = np.random.default_rng(0)
    >>> dark = list(rng.integers(0, 90, (6, 32, 32, 3), dtype=np.uint8))
    >>> light = list(rng.integers(160, 255, (6, 32, 32, 3), dtype=np.uint8))
    >>> classifier = tw.ImageClassifier(backbone="pixels", cache=False)
    >>> fitted = classifier.fit(dark + light, ["dark"] * 6 + ["light"] * 6).model_
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = tw.export_model(fitted, "openvino", f"{folder}/light")
    ...     written.verified, written.labels_flipped, written.max_difference < 1e-4
    (True, 0, True)
    """
    target = BUNDLE_SERVERS.get(to) or _target(to)
    if half:
        target = _half(target, int8=int8)
    place = Path(model) if isinstance(model, str | Path) else None
    if isinstance(model, str | Path):
        model = load(model)
    folder = _free(Path(out) if out is not None else _beside(place, target))
    exported = exported_graph(model)
    if int8:
        _check_int8(model)
    assert isinstance(model, NetworkModel)
    chosen = _items_of_fit(model) if items is None else model.items(items)
    inputs = inputs_of(model, chosen, MAX_ITEMS)
    if isinstance(target, BundleServer):
        parity = write_bundle_folder(model, exported, target, folder, inputs, progress=progress)
        runtime = f"topwork {topwork_version()}"
    else:
        parity = write_export(model, exported, target, folder, inputs, progress=progress)
        runtime = f"{target.runtime} {target.version}"
    return ExportResult(
        task=model.task,
        modality=model.kind.name,
        model=str(place) if place is not None else model.identity,
        file=str(folder / target.file),
        target=target.name,
        runtime=runtime,
        verified=True,
        max_difference=parity.max_difference,
        labels_flipped=parity.labels_flipped,
        n=parity.n,
        n_items=len(inputs),
        notes=[] if isinstance(target, BundleServer) else notes_on(model),
    )


def _target(to: str) -> Target:
    if to not in TARGETS:
        raise ParameterError(
            f"There is no format called {to!r} to export to.",
            remedy=f"Give one of {', '.join((*TARGETS, *BUNDLE_SERVERS))}.",
        )
    target = TARGETS[to]
    require(f"Exporting to {target.title}", target.packages)
    return target


def _half(target: Target | BundleServer, *, int8: bool) -> Target:
    if int8:
        raise ParameterError(
            "Weights are either in float16 or in 8-bit integers.",
            remedy="Give one of --half and --int8.",
            code="half_and_int8",
        )
    if isinstance(target, BundleServer):
        raise ParameterError(
            f"Weights in float16 are not written for {target.title}, which runs the model itself.",
            remedy="Leave --half out, or export to onnx, openvino, ovms or triton.",
            code="no_half",
        )
    return target.half()


def _check_int8(model: AnyModel) -> None:
    if not (isinstance(model, Model) and model.card.int8):
        raise ParameterError(
            "This model doesn't compute in 8-bit integers, and its items can't say any more "
            "whether it would lose by that.",
            remedy="Fit it with --int8, which compares both on held-out items, then export it to "
            "openvino.",
            code="not_int8",
        )


def _beside(place: Path | None, target: Target | BundleServer) -> Path:
    if place is None:
        raise ParameterError(
            "A model that isn't saved has no place to export to.",
            remedy="Give the folder to write, as out.",
        )
    real = place.resolve()
    return real.with_name(f"{real.stem}-{target.name}")


def _free(folder: Path) -> Path:
    """The folder, if it may be written."""
    if not folder.parent.is_dir():
        raise ParameterError(
            f"{folder} cannot be written: there is no folder {folder.parent}.",
            remedy="Make the folder first, or choose another name.",
            code="no_access",
        )
    if folder.exists() and not (folder / PARITY).is_file():
        raise ParameterError(
            f"{folder} exists and was not written by topwork export, so it is left as it is.",
            remedy="Choose another name, or remove it first.",
            code="would_overwrite",
        )
    return folder


def _items_of_fit(model: NetworkModel) -> list[Item]:
    """Those that are still where they were."""
    if isinstance(model, LinearModel):
        keys = model.training_keys
    else:
        assert isinstance(model, DetectorModel | InspectorModel)
        keys = model.parts.training.keys
    files = noted_source_files(key.tobytes() for key in keys)
    return [Item(str(path), path) for path in sorted(set(files.values()))]
