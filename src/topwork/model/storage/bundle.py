"""A model on disk: one folder of plain data, sealed by checksums.

A bundle is hostile input: sizes, shapes, numbers and what the files say of each other are checked
before anything is allocated or compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.openvino import core
from topwork.data import HASHED
from topwork.errors import BundleError
from topwork.heads import LinearHead
from topwork.heads.inspection.normality import DESCRIPTIONS
from topwork.model.card import (
    Card,
    ClusterCard,
    DetectorCard,
    Form,
    NetworkCard,
    QueryDetectorCard,
    RowCard,
    SealedCard,
)
from topwork.model.cards.inspector_card import InspectorCard
from topwork.model.cluster_space import ClusterSpace, RowSpace
from topwork.model.head_card import HeadCard, LabelsCard, NumberCard, OrdinalCard
from topwork.model.parts import (
    LOOK,
    AnyParts,
    ClusterParts,
    DetectorParts,
    InspectorParts,
    LabelsParts,
    NumberParts,
    OrdinalParts,
    Parts,
    QueryParts,
    RowParts,
)
from topwork.model.statistics import TrainingStatistics
from topwork.model.storage.attached import pages_in, tokenizer_in
from topwork.model.storage.bundle_files import card_in
from topwork.model.storage.column_limits import check_row_card, check_row_space
from topwork.model.storage.detector_limits import (
    check_detection_head,
    check_detector_card,
    check_query_card,
    crop_width,
    read_look,
)
from topwork.model.storage.graph_file import Shape, check_graph_files
from topwork.model.storage.graph_shapes import (
    check_boxes,
    check_graph,
    check_map_shapes,
    check_maps,
)
from topwork.model.storage.head_file import arrays_in, linear_head, predicting_head
from topwork.model.storage.inspector_limits import (
    PARTS,
    check_inspector,
    check_inspector_card,
)
from topwork.model.storage.limits import (
    CLUSTERS,
    IMAGES,
    LABELS,
    NUMBER_OUTPUTS,
    NUMBERS,
    REHEARSED,
    SPACE,
    STATISTICS,
    Shapes,
    check_card,
    check_cluster_card,
    check_codes,
    check_labels_card,
    check_number_card,
    check_ordinal_card,
    check_presence,
)
from topwork.model.storage.manifest import (
    Manifest,
    checked_manifest,
    edited_pages,
)
from topwork.model.storage.refusal import refusal
from topwork.model.storage.table_bundle import read_table_model
from topwork.model.storage.tensor_file import check_numbers, read_arrays
from topwork.model.training_items import (
    RehearsedItems,
    TrainingImages,
    TrainingItems,
    TrainingLabels,
    TrainingNumbers,
    TrainingParts,
)
from topwork.novelty.known_space import KnownSpace
from topwork.settings.choices import TaskName
from topwork.tasks.number.strata import MAX_STRATA

AnyRehearsed = TypeVar("AnyRehearsed", bound=RehearsedItems)


def read_bundle(path: str | Path) -> AnyParts:
    """Read a bundle, checking every byte.

    Raises
    ------
    BundleError
        Something is missing, changed, unknown, or doesn't belong there.
    """
    folder = Path(path)
    manifest = checked_manifest(folder)
    return READERS_OF_FORM[manifest.form](folder, manifest)


def _read_classifier(folder: Path, manifest: Manifest) -> Parts:
    card = card_in(folder, manifest, Card)
    check_card(card)
    sizes = {"k": len(card.labels)}
    linear, beside = predicting_head(folder, card, sizes)
    later = _defaults(TrainingStatistics)
    statistics = TrainingStatistics(**arrays_in(folder, "statistics", STATISTICS, sizes, later))
    for codes in (statistics.codes, statistics.rehearsal_codes, statistics.adapted_codes):
        check_codes("statistics.safetensors", codes, sizes["k"])
    if statistics.counts.min() < 0 or not statistics.counts.sum():
        raise refusal("statistics.safetensors counts no items.", code="bad_tensors")
    space = KnownSpace(**arrays_in(folder, "space", SPACE, sizes, _defaults(KnownSpace)))
    common = _common(folder, manifest, card)
    graph = _graph(folder, lambda graph, said: check_graph(graph, card, linear, said))
    return Parts(
        card=card,
        head=linear,
        beside=beside,
        graph=graph,
        statistics=statistics,
        space=space,
        **common,
    )


def _read_regressor(folder: Path, manifest: Manifest) -> NumberParts:
    card = card_in(folder, manifest, NumberCard)
    check_number_card(card)
    linear, beside = predicting_head(folder, card, {"k": NUMBER_OUTPUTS})
    training = _rehearsed(folder, card, linear, TrainingNumbers, NUMBERS, n_codes=MAX_STRATA)
    common = _headed(folder, manifest, card, linear)
    return NumberParts(card=card, beside=beside, training=training, **common)


def _read_labels(folder: Path, manifest: Manifest) -> LabelsParts:
    card = card_in(folder, manifest, LabelsCard)
    check_labels_card(card)
    k = len(card.labels)
    linear, beside = predicting_head(folder, card, {"k": k})
    training = _rehearsed(folder, card, linear, TrainingLabels, LABELS, n_codes=k + 1)
    check_presence(training.presence)
    common = _headed(folder, manifest, card, linear)
    return LabelsParts(card=card, beside=beside, training=training, **common)


def _read_ordinal(folder: Path, manifest: Manifest) -> OrdinalParts:
    card = card_in(folder, manifest, OrdinalCard)
    check_ordinal_card(card)
    linear, beside = predicting_head(folder, card, {"k": card.n_outputs})
    n_codes = len(card.labels)
    training = _rehearsed(folder, card, linear, RehearsedItems, REHEARSED, n_codes=n_codes)
    common = _headed(folder, manifest, card, linear)
    return OrdinalParts(card=card, beside=beside, training=training, **common)


def _rehearsed(
    folder: Path,
    card: HeadCard,
    head: LinearHead,
    kind: type[AnyRehearsed],
    shapes: Shapes,
    *,
    n_codes: int,
) -> AnyRehearsed:
    """What the model stores of its training items, whose strata are less than ``n_codes``."""
    d, k = head.weight.shape
    sizes = {"k": k, "w": HASHED if card.made_of_items else d}
    training = kind(**arrays_in(folder, "training", shapes, sizes, _defaults(kind)))
    _check_training(training, n_codes)
    check_codes("training.safetensors", training.rehearsal_codes, n_codes)
    n = len(training.rehearsal)
    if (len(training.rehearsal_codes), len(training.rehearsal_groups)) != (n, n):
        raise refusal("training.safetensors has rows of other items.", code="other_shape")
    return training


def _headed(folder: Path, manifest: Manifest, card: HeadCard, head: LinearHead) -> dict[str, Any]:
    """Head and graph, and the parts that models of every task have."""
    common = _common(folder, manifest, card)
    graph = _graph(folder, lambda graph, said: check_graph(graph, card, head, said))
    return {"head": head, "graph": graph, **common}


def _read_detector(folder: Path, manifest: Manifest) -> DetectorParts:
    card = card_in(folder, manifest, DetectorCard)
    check_detector_card(card)
    arrays = read_arrays(folder / "head.safetensors")
    head = {name: array for name, array in arrays.items() if not name.startswith(LOOK)}
    check_detection_head(head, card.head_shape)
    width = crop_width(card) or sum(channels for channels, _, _ in card.maps)
    rest = {n.removeprefix(LOOK): array for n, array in arrays.items() if n not in head}
    look = read_look(rest, len(card.labels), width)
    training = _training_images(folder, card.labels, card.maps[0][0])
    common = _common(folder, manifest, card)
    graph = _graph(folder, lambda graph, said: check_maps(graph, card, said))
    return DetectorParts(card=card, head=head, look=look, graph=graph, training=training, **common)


def _read_query_detector(folder: Path, manifest: Manifest) -> QueryParts:
    _check_task(folder, manifest, QueryDetectorCard)
    card = card_in(folder, manifest, QueryDetectorCard)
    check_query_card(card)
    look = read_look(_look_alone(folder), len(card.labels), crop_width(card))
    training = _training_images(folder, card.labels, card.width)
    common = _common(folder, manifest, card)
    graph = _graph(folder, lambda graph, said: check_boxes(graph, card, said))
    return QueryParts(card=card, look=look, graph=graph, training=training, **common)


def _look_alone(folder: Path) -> dict[str, NDArray[Any]]:
    """The arrays of the second look, where there is no head beside it."""
    arrays = read_arrays(folder / "head.safetensors")
    if not all(name.startswith(LOOK) for name in arrays):
        raise refusal("head.safetensors holds what topwork does not write.", code="bad_tensors")
    return {name.removeprefix(LOOK): array for name, array in arrays.items()}


def _training_images(folder: Path, labels: Sequence[str], width: int) -> TrainingImages:
    later = _defaults(TrainingImages)
    training = TrainingImages(**arrays_in(folder, "training", IMAGES, {"c": width}, later))
    _check_training(training, len(labels) + 1)
    if len(training.pooled) != len(training.pooled_groups):
        raise refusal("training.safetensors groups other images.", code="other_shape")
    return training


def _read_clustering(folder: Path, manifest: Manifest) -> ClusterParts:
    card = card_in(folder, manifest, ClusterCard)
    check_cluster_card(card)
    sizes = {"k": len(card.names)}
    linear = linear_head(folder, sizes)
    sizes["d"] = len(linear.weight)
    space = ClusterSpace(**arrays_in(folder, "clusters", CLUSTERS, sizes))
    check_codes("clusters.safetensors", space.codes, sizes["k"])
    own = space.head()
    if not all(
        np.allclose(mine, theirs, rtol=1e-3, atol=1e-3)
        for mine, theirs in ((own.weight, linear.weight), (own.bias, linear.bias))
    ):
        raise refusal("head.safetensors has other clusters.", code="bad_tensors")
    common = _common(folder, manifest, card)
    graph = _graph(folder, lambda graph, said: check_graph(graph, card, linear, said))
    return ClusterParts(card=card, head=linear, graph=graph, space=space, **common)


def _read_inspector(folder: Path, manifest: Manifest) -> InspectorParts:
    card = card_in(folder, manifest, InspectorCard)
    check_inspector_card(card)
    rows, columns = card.places
    channels = sum(one[0] for one in card.maps)
    sizes = {"c": channels, "p": rows * columns, "a": card.n_axes, "m": card.n_patches}
    described = DESCRIPTIONS[card.head]
    head = described.made(**arrays_in(folder, "head", described.shapes, sizes))
    training = TrainingParts(**arrays_in(folder, "training", PARTS, {}))
    check_inspector(card, head, training)
    common = _common(folder, manifest, card)
    graph = _graph(folder, lambda graph, said: check_map_shapes(graph, card, card.maps, said))
    return InspectorParts(card=card, head=head, graph=graph, training=training, **common)


READERS: Mapping[TaskName, Callable[[Path, Manifest], AnyParts]] = {
    "classes": _read_classifier,
    "labels": _read_labels,
    "number": _read_regressor,
    "ordinal": _read_ordinal,
    "boxes": _read_detector,
    "clusters": _read_clustering,
    "one-class": _read_inspector,
}


def _read_rows(folder: Path, manifest: Manifest) -> RowParts:
    _check_task(folder, manifest, RowCard)
    card = card_in(folder, manifest, RowCard)
    check_row_card(card)
    sizes = {"k": len(card.names), "d": len(card.encoding.blocks())}
    arrays = arrays_in(folder, "clusters", CLUSTERS, sizes)
    check_row_space(arrays)
    space = RowSpace(**arrays)
    check_codes("clusters.safetensors", space.codes, sizes["k"])
    pages = pages_in(folder, manifest)
    return RowParts(
        card=card,
        space=space,
        facts=manifest.facts,
        pages=pages,
        edited=edited_pages(folder, manifest),
    )


READERS_OF_FORM: Mapping[Form, Callable[[Path, Manifest], AnyParts]] = {
    "network": lambda folder, manifest: READERS[manifest.task](folder, manifest),
    "detector": _read_query_detector,
    "columns": _read_rows,
    "table": read_table_model,
}


def _check_task(folder: Path, manifest: Manifest, card: type[SealedCard]) -> None:
    if manifest.task != card.task:
        raise refusal(f"The manifest of {folder} contradicts itself.", code="bad_manifest")


def _check_training(training: TrainingItems, n_codes: int) -> None:
    check_codes("training.safetensors", training.codes, n_codes)
    if len(training.sketches) not in (0, len(training.codes)):
        raise refusal("training.safetensors holds images of other items.", code="other_shape")


def _common(folder: Path, manifest: Manifest, card: NetworkCard) -> dict[str, Any]:
    """The parts that models of every task have."""
    check_numbers(folder / "weights.safetensors")
    return {
        "weights": folder / "weights.safetensors",
        "facts": manifest.facts,
        "pages": pages_in(folder, manifest),
        "tokenizer": tokenizer_in(folder, card),
        "edited": edited_pages(folder, manifest),
    }


def _defaults(
    record: type[TrainingStatistics | KnownSpace | TrainingImages | RehearsedItems],
) -> dict[str, NDArray[Any]]:
    """The arrays that were added after the first models were saved, as those have them."""
    return {f.name: f.default_factory() for f in fields(record) if f.default_factory is not MISSING}


def _graph(folder: Path, check: Callable[[Any, Mapping[str, Sequence[Shape]]], None]) -> Any:
    """The graph, which is read only when its file was checked."""
    try:
        said = check_graph_files(folder)
        graph = core().read_model(folder / "graph.xml")
        check(graph, said)
    except BundleError:
        raise
    except Exception as error:  # the library raises what comes
        raise refusal(f"The graph in {folder} cannot be read.", code="bad_graph") from error
    return graph
