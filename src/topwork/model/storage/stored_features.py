"""Features that a model's own network gave, stored for the next evaluation of the same items."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from topwork.backbones.engines import Engine
from topwork.backbones.engines.openvino import openvino
from topwork.data import DECODER_VERSION, TEXT_VERSION
from topwork.features.fingerprint import Fingerprint
from topwork.features.store import FeatureStore, open_store
from topwork.installation import missing
from topwork.model.parts import LinearParts
from topwork.runtime import cache_folder, writable

MIN_STORED = 100
"""Fewer items are computed again sooner than they are found."""


def stored_features(parts: LinearParts, engine: Engine, n_items: int) -> FeatureStore | None:
    """Where features of this model's network are kept; ``None`` where nothing is stored.

    They are kept in float32, as the saved model computes them, and under a digest of the graph
    itself: a folder that only claims to hold a known network can't change what another model finds.
    Models that differ in their heads alone share them.

    Parameters
    ----------
    engine
        What runs the network.
    n_items
        How many items there are.
    """
    if n_items < MIN_STORED or engine.name != "openvino" or missing(("lance", "pyarrow")):
        return None
    cache = writable(cache_folder())
    if cache is None:
        return None
    how = asdict(parts.card.framing)
    how["decoder"] = f"image {DECODER_VERSION}, text {TEXT_VERSION}"
    key = Fingerprint(
        backbone=parts.card.backbone,
        weights=network_digest(parts.graph),
        cut=parts.card.cut,
        preprocessing=tuple(sorted(how.items())),
        engine=f"{engine.name}, {engine.batch} items at a time",
        precision=engine.precision,
    )
    return open_store(cache, key, "float32")


def network_digest(graph: Any) -> str:
    """Identifies everything from an input to the features, without the head behind them.

    Names of operations are left out: those that the library gives count on through a process.

    Parameters
    ----------
    graph
        ``openvino.Model`` whose second output are the features.
    """
    ov = openvino()
    copy = graph.clone()
    result = ov.opset13.result(copy.outputs[1].get_node().input_value(0))
    network = ov.Model([result], copy.get_parameters(), "network")
    for number, operation in enumerate(network.get_ordered_ops()):
        operation.set_friendly_name(str(number))
        for output in operation.outputs():
            output.get_tensor().set_names(set())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.xml"
        ov.serialize(network, file)
        digest = hashlib.blake2b(digest_size=16)
        for part in (file, file.with_suffix(".bin")):
            digest.update(part.read_bytes())
    return digest.hexdigest()
