"""What a bundle says about itself, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, field_validator

from topwork.backbones import Input
from topwork.backbones.sources.tfidf import TFIDF
from topwork.calibration.conformal import PredictionSets
from topwork.calibration.detection import BoxCalibration
from topwork.data import (
    MODALITIES,
    UNDECIDED,
    Appearance,
    Framing,
    Modality,
    ModalityName,
    Preparation,
    Tokenizing,
    columns_as_fitted,
)
from topwork.data.preprocessing.tiles import tile_windows
from topwork.features.columns import ColumnEncoding
from topwork.heads.detection.layout import DetectionLayout
from topwork.heads.detection.shape import HeadShape
from topwork.settings.choices import Strategy, TaskName

Label = str | int | float | bool

Form = Literal["network", "detector", "columns", "table"]
"""What makes numbers of the items: a network, one that ends in boxes, or the encoding of the
columns of a table, for clusters or with a head on top."""


class StartedFrom(BaseModel):
    """The model that a model continues.

    Attributes
    ----------
    identity
        Of that model: see `topwork.model.Model.identity`.
    labels
        Its classes.
    n_items
        Items that it was trained on.
    n_added
        Items that were added to them.
    earlier
        What that model itself continues.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    identity: str
    labels: list[Label]
    n_items: int
    n_added: int
    earlier: StartedFrom | None = None


class AdaptedFrom(BaseModel):
    """A model that was adapted to unlabelled items of another domain.

    Attributes
    ----------
    identity
        Of that model.
    method
        How its successor was made.
    n_items
        Unlabelled items.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    identity: str
    method: str
    n_items: int


class SealedCard(BaseModel):
    """What every model says about itself.

    Attributes
    ----------
    kind
        What the items are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: ClassVar[TaskName]
    form: ClassVar[Form] = "network"

    kind: ModalityName


class NetworkCard(SealedCard):
    """What models with a network say about it.

    Attributes
    ----------
    kind
        What the items are.
    input, framing
        What the network takes, and how an item becomes that; the tokenizer of texts lies in a
        file of its own.
    appearance
        What was decided about images with more than 8 bits per channel and transparent ones.
    columns
        Of the table that the items came from, its own names of the columns that go by others than
        topwork's; tables that have them are read by them.
    beside
        How further columns of that table become numbers; None where nothing is learnt of them.
    images
        Further columns of images that are learnt from.
    several_images
        Whether several images in one cell are.
    """

    kind: ModalityName = "image"
    backbone: str
    backbone_fingerprint: str
    cut: str
    strategy: Strategy = "probe"
    head: str
    input: Input
    framing: Framing | Tokenizing
    appearance: Appearance = UNDECIDED
    columns: dict[str, str] = {}
    beside: ColumnEncoding | None = None
    images: tuple[str, ...] = ()
    several_images: bool = False

    def columns_read(self, given: Mapping[str, str] | None = None) -> Mapping[str, str] | None:
        """What columns of a table are called that the model is given.

        Parameters
        ----------
        given
            What the user calls them.
        """
        names = () if self.beside is None else tuple(self.beside.names)
        return columns_as_fitted(
            self.columns, given, beside=names, images=self.images, several=self.several_images
        )

    @property
    def made_of_items(self) -> bool:
        """Whether the backbone was made of the training texts, as TF-IDF is."""
        return self.backbone == TFIDF

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in MODALITIES:
            raise ValueError("no modality that is known")
        return kind


class Card(NetworkCard):
    """Everything about a classifier that isn't a tensor: ``model.json`` in the bundle.

    Attributes
    ----------
    labels
        The classes, in the order of the logits.
    temperature
        Logits are divided by it before they become probabilities.
    sets
        Which classes are credible for an item; ``None`` where there were too few to tell.
    threshold
        Of two classes the second is said from this probability on; ``None`` for the more probable.
    unknown_threshold
        An item whose distance from all classes is larger is unknown; ``None`` where there
        were too few to tell.
    false_alarm_rate
        How often that was meant to happen to items of known classes.
    faithful
        Whether the compiled graph answers like the torch network; if not, torch runs it.
    int8
        Whether the compiled graph computes in 8-bit integers.
    started_from
        The model that this one continues; ``None`` for one that was fitted from items alone.
    adapted_from
        The model that was adapted to another domain; ``None`` for one that was not.
    """

    task: ClassVar[TaskName] = "classes"

    labels: list[Label]
    temperature: float = 1.0
    sets: PredictionSets | None = None
    threshold: float | None = None
    unknown_threshold: float | None = None
    false_alarm_rate: float | None = None
    faithful: bool = True
    int8: bool = False
    started_from: StartedFrom | None = None
    adapted_from: AdaptedFrom | None = None


class CropInput(BaseModel):
    """What the network for crops of boxes takes and gives.

    Attributes
    ----------
    framing
        How a crop becomes its input.
    width
        Features of a crop.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    framing: Framing
    width: int


class ClusterCard(NetworkCard):
    """Everything about a clustering that isn't a tensor: ``model.json`` in the bundle.

    Attributes
    ----------
    names
        Of the k clusters, the largest first.
    faithful
        Whether the compiled graph answers like the torch network; if not, torch runs it.
    """

    task: ClassVar[TaskName] = "clusters"

    names: list[str]
    faithful: bool = True


class RowCard(SealedCard):
    """Everything about a clustering of rows that isn't a tensor: ``model.json`` in the bundle.

    Attributes
    ----------
    encoding
        How the columns of a row become numbers.
    names
        Of the k clusters, the largest first.
    """

    task: ClassVar[TaskName] = "clusters"
    form: ClassVar[Form] = "columns"

    kind: Literal["row"] = "row"
    encoding: ColumnEncoding
    names: list[str]


class DetectorCard(NetworkCard):
    """Everything about a detector that isn't a tensor: ``model.json`` in the bundle.

    Attributes
    ----------
    labels
        The classes, in the order of the scores.
    maps
        Channels, rows and columns of each map that the head sees, from fine to coarse.
    strides
        Of the head's levels, in pixels of the input.
    width
        Channels inside the head.
    calibration
        Makes of a score the probability that the box is right.
    threshold
        Boxes of a lower probability are not predicted.
    crops
        How crops of boxes become the input of the network that looks at them again, and how many
        features it gives; None without.
    tiles
        Per side that an image is seen in besides as a whole; 1 for none.
    """

    task: ClassVar[TaskName] = "boxes"

    labels: list[str]
    maps: tuple[tuple[int, int, int], ...]
    strides: tuple[int, ...]
    width: int
    calibration: BoxCalibration
    threshold: float = 0.5
    crops: CropInput | None = None
    tiles: int = 1

    @property
    def seen_parts(self) -> tuple[Framing, ...]:
        """How an image is seen: as a whole, and in its tiles."""
        assert isinstance(self.framing, Framing)
        windows = tile_windows(self.tiles) if self.tiles > 1 else ()
        return (self.framing, *(replace(self.framing, window=window) for window in windows))

    @property
    def head_shape(self) -> HeadShape:
        """What the head takes and gives."""
        assert isinstance(self.framing, Framing)
        layout = DetectionLayout(self.framing.height, self.framing.width, self.strides)
        return HeadShape(self.maps, layout, len(self.labels), self.width)


class QueryDetectorCard(NetworkCard):
    """The same of a detector whose graph gives scores and corners by itself.

    Attributes
    ----------
    labels
        The classes, in the order of the scores.
    n_queries
        Boxes that it gives of each image.
    width
        Features that tell what images look like to it.
    calibration, threshold, crops
        As in `DetectorCard`.
    """

    task: ClassVar[TaskName] = "boxes"
    form: ClassVar[Form] = "detector"
    tiles: ClassVar[int] = 1

    labels: list[str]
    n_queries: int
    width: int
    calibration: BoxCalibration
    threshold: float = 0.5
    crops: CropInput | None = None

    @property
    def seen_parts(self) -> tuple[Framing, ...]:
        """How an image is seen: as a whole."""
        assert isinstance(self.framing, Framing)
        return (self.framing,)


BoxCard: TypeAlias = DetectorCard | QueryDetectorCard
"""What detectors of every form say about themselves."""


def kind_of(card: NetworkCard) -> Modality:
    """How items of a model are read, as those that it was trained on were."""
    return MODALITIES[card.kind].with_appearance(card.appearance)


def without_tokenizer(preparation: Preparation) -> Framing | Tokenizing:
    """Without the tokenizer, which is a file of its own."""
    assert isinstance(preparation, Framing | Tokenizing), "networks take pixels or tokens"
    if isinstance(preparation, Tokenizing):
        return replace(preparation, tokenizer="")
    return preparation
