"""A folder with the bundle itself, and what a server needs to run it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from topwork.backbones.engines.openvino import OpenVINOEngine
from topwork.deployment.export.export_folder import prove, write_parity
from topwork.deployment.export.exported_graph import ExportedGraph, exported_graph
from topwork.deployment.export.parity import Compared, Parity
from topwork.deployment.export.probe_inputs import BATCH
from topwork.deployment.export.running import Run
from topwork.deployment.export.serving.bundle_servers import BUNDLE, BundleServer
from topwork.installation import topwork_version
from topwork.model.loading import load
from topwork.model.sealed_model import NetworkModel
from topwork.runtime import new_folder
from topwork.runtime.progress import Progress, silent


def write_bundle_folder(
    model: NetworkModel,
    exported: ExportedGraph,
    server: BundleServer,
    folder: Path,
    inputs: Iterable[NDArray[Any]],
    *,
    progress: Progress = silent,
) -> Parity:
    """Write it; nothing where the copy of the model gives something else.

    Parameters
    ----------
    inputs
        Of items, as the network takes them.
    """
    version = topwork_version()
    with new_folder(folder) as draft:
        model.save(draft / BUNDLE)
        extras = "[text]" if model.card.input.tokenized else ""
        for name, text in server.filled(version, extras).items():
            (draft / name).write_text(text, encoding="utf-8")
        compared = Compared(exported, _run_by_bundle(draft / BUNDLE))
        prove(model, compared, inputs, server.title, progress=progress)
        parity = compared.parity()
        told = {"target": server.name, "runtime": "topwork", "version": version}
        write_parity(draft, model, parity, told)
    return parity


def _run_by_bundle(place: Path) -> Run:
    """What the copy of a model gives, by the code of ``predict``."""
    copy = exported_graph(load(place))
    engine = OpenVINOEngine(copy.source, precision="float32", batch=BATCH)

    def run(inputs: Any) -> dict[str, Any]:
        ((_, outputs),) = engine.run([(0, inputs)])
        return copy.expected(outputs)

    return run
