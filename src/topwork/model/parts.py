"""What fitted models are made of, and what their bundles hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.detection import SecondLook
from topwork.data import Preparation, Tokenizing
from topwork.features.columns.beside import BesideHead
from topwork.heads import LinearHead
from topwork.heads.boosting import Trees
from topwork.heads.inspection.normality import Normality
from topwork.model.card import (
    BoxCard,
    Card,
    ClusterCard,
    DetectorCard,
    NetworkCard,
    QueryDetectorCard,
    RowCard,
    SealedCard,
)
from topwork.model.cards.inspector_card import InspectorCard
from topwork.model.cards.table_card import TableCard
from topwork.model.cluster_space import ClusterSpace, RowSpace
from topwork.model.head_card import HeadCard, LabelsCard, NumberCard, OrdinalCard
from topwork.model.statistics import TrainingStatistics
from topwork.model.training_items import (
    RehearsedItems,
    TrainingImages,
    TrainingLabels,
    TrainingNumbers,
    TrainingParts,
)
from topwork.novelty.known_space import KnownSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedParts:
    """What models of every task are made of.

    Parameters
    ----------
    card
        Everything that isn't a tensor.
    facts
        Scores, versions and data fingerprint, for the manifest.
    pages
        Texts for people by file name: the report and the model card.
    edited
        Pages that were changed after the model was saved.
    """

    card: SealedCard
    facts: dict[str, Any]
    pages: Mapping[str, str] = field(default_factory=dict)
    edited: tuple[str, ...] = ()

    def head_arrays(self) -> dict[str, NDArray[Any]]:
        """The trained part, by name."""
        raise NotImplementedError

    def records(self) -> dict[str, Mapping[str, NDArray[Any]]]:
        """What else is stored, by the name of its file."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkParts(SealedParts):
    """Those of models with a network.

    Parameters
    ----------
    graph
        ``openvino.Model`` from bytes to the head's outputs and features, or to the maps that the
        head of a detector sees.
    weights
        The file with the backbone's tensors.
    tokenizer
        Of texts, as JSON.
    """

    card: NetworkCard
    graph: Any
    weights: Path
    tokenizer: str = ""

    @property
    def preparation(self) -> Preparation:
        """How an item becomes the network's input."""
        framing = self.card.framing
        if isinstance(framing, Tokenizing):
            return replace(framing, tokenizer=self.tokenizer)
        return framing


BESIDE: Final = "beside"
BESIDE_MEAN: Final = "beside_mean"
"""The names of the weights of columns beside items, and of their mean."""

IMAGES: Final = "images"
IMAGES_MEAN: Final = "images_mean"
"""Those of further images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearParts(NetworkParts):
    """Those of models whose head is linear.

    Parameters
    ----------
    head
        The trained part.
    beside
        What the columns beside an item add to its outputs; None where nothing is learnt of them.
    """

    head: LinearHead
    beside: BesideHead | None = None

    @property
    def training_keys(self) -> NDArray[np.uint8]:
        """The content key of every item of the fit, ``(n, 16)``."""
        raise NotImplementedError

    @staticmethod
    def _of_columns(beside: BesideHead) -> dict[str, NDArray[Any]]:
        found = {BESIDE: np.ascontiguousarray(beside.weight), BESIDE_MEAN: beside.mean}
        if beside.images is not None:
            found |= {IMAGES: np.ascontiguousarray(beside.images.weight)}
            found |= {IMAGES_MEAN: np.ascontiguousarray(beside.images.mean)}
        return found

    def head_arrays(self) -> dict[str, NDArray[Any]]:
        return {
            "weight": np.ascontiguousarray(self.head.weight, np.float32),
            "bias": np.ascontiguousarray(self.head.bias, np.float32),
            "normalise": np.array([self.head.normalise]),
            **({} if self.beside is None else self._of_columns(self.beside)),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(LinearParts):
    """What a classifier is made of, and all that its bundle holds.

    Parameters
    ----------
    statistics
        What the model stores of its training features.
    space
        Where the known classes lie, to tell unknown items by.
    """

    card: Card
    statistics: TrainingStatistics
    space: KnownSpace

    @property
    def training_keys(self) -> NDArray[np.uint8]:
        return self.statistics.keys

    def records(self) -> dict[str, Mapping[str, NDArray[Any]]]:
        return {"statistics": asdict(self.statistics), "space": asdict(self.space)}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadParts(LinearParts):
    """Those of models that predict something else than classes by their head.

    Parameters
    ----------
    training
        What the model stores of its training items.
    """

    card: HeadCard
    training: RehearsedItems

    @property
    def training_keys(self) -> NDArray[np.uint8]:
        return self.training.keys

    def records(self) -> dict[str, Mapping[str, NDArray[Any]]]:
        return {"training": asdict(self.training)}


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberParts(HeadParts):
    """What a regressor is made of, and all that its bundle holds."""

    card: NumberCard
    training: TrainingNumbers


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsParts(HeadParts):
    """What a model of several labels is made of, and all that its bundle holds."""

    card: LabelsCard
    training: TrainingLabels


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalParts(HeadParts):
    """What a model of ordered classes is made of; ``codes`` of its training items are ranks."""

    card: OrdinalCard


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterParts(LinearParts):
    """What a clustering is made of, and all that its bundle holds.

    The head is the projection onto the axes followed by the centres, so that the largest of its
    outputs is the nearest centre.

    Parameters
    ----------
    space
        Where the clusters lie, and the items that they were found in.
    """

    card: ClusterCard
    space: ClusterSpace

    @property
    def training_keys(self) -> NDArray[np.uint8]:
        return self.space.keys

    def records(self) -> dict[str, Mapping[str, NDArray[Any]]]:
        return {"clusters": asdict(self.space)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowParts(SealedParts):
    """What a clustering of the rows of a table is made of, and all that its bundle holds.

    Parameters
    ----------
    space
        Where the clusters lie, and the rows that they were found in.
    """

    card: RowCard
    space: RowSpace

    def head_arrays(self) -> dict[str, NDArray[Any]]:
        return {name: getattr(self.space, name) for name in ("mean", "axes", "centres", "least")}

    def records(self) -> dict[str, Mapping[str, NDArray[Any]]]:
        return {"clusters": asdict(self.space)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableParts(SealedParts):
    """What a model of the rows of a table is made of, and all that its bundle holds.

    Parameters
    ----------
    head
        Predicts from the encoded columns.
    keys
        The content key of every row of the fit, ``(n, 16)``.
    """

    card: TableCard
    head: LinearHead | Trees
    keys: NDArray[np.uint8]

    def head_arrays(self) -> dict[str, NDArray[Any]]:
        if isinstance(self.head, Trees):
            return asdict(self.head)
        return {"weight": self.head.weight, "bias": self.head.bias}

    def records(self) -> dict[str, Mapping[str, NDArray[Any]]]:
        return {"head": self.head_arrays(), "training": {"keys": self.keys}}


LOOK: Final = "look."
"""How the names of the second look's arrays begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxParts(NetworkParts):
    """What detectors of every form are made of.

    Parameters
    ----------
    look
        Makes probabilities of scores, shapes and maps; None where the card's calibration does.
    training
        What the model stores of its training images.
    """

    card: BoxCard
    look: SecondLook | None
    training: TrainingImages

    def head_arrays(self) -> dict[str, NDArray[Any]]:
        if self.look is None:
            return {}
        return {f"{LOOK}{name}": value for name, value in sorted(self.look.arrays().items())}

    def records(self) -> dict[str, Mapping[str, NDArray[Any]]]:
        return {"training": asdict(self.training)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorParts(BoxParts):
    """What a detector with a head on maps is made of, and all that its bundle holds.

    Parameters
    ----------
    head
        The trained part, by the names that training gives it.
    """

    card: DetectorCard
    head: Mapping[str, NDArray[np.float32]]

    def head_arrays(self) -> dict[str, NDArray[Any]]:
        found = {name: np.ascontiguousarray(v, np.float32) for name, v in self.head.items()}
        found |= BoxParts.head_arrays(self)
        return dict(sorted(found.items()))  # as files hold them: the model's identity is of these


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryParts(BoxParts):
    """What a detector whose graph gives boxes by itself is made of: all that its bundle holds."""

    card: QueryDetectorCard


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectorParts(NetworkParts):
    """What an inspector is made of, and all that its bundle holds.

    Parameters
    ----------
    head
        What good parts look like.
    training
        Held-out scores of the good parts.
    """

    card: InspectorCard
    head: Normality
    training: TrainingParts

    def head_arrays(self) -> dict[str, NDArray[Any]]:
        return asdict(self.head)

    def records(self) -> dict[str, Mapping[str, NDArray[Any]]]:
        return {"training": asdict(self.training)}


AnyParts: TypeAlias = (
    Parts
    | LabelsParts
    | NumberParts
    | OrdinalParts
    | DetectorParts
    | QueryParts
    | ClusterParts
    | RowParts
    | TableParts
    | InspectorParts
)
