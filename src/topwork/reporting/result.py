"""What a fit found, as plain data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.calibration.conformal import PredictionSets
from topwork.calibration.temperature import Temperature
from topwork.data import ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.intake.families import FamilyCheck
from topwork.intake.unlabelled import UnlabelledRecord
from topwork.metrics import ClassScore, Scores
from topwork.metrics.records import MoreScores
from topwork.metrics.screening import Screening
from topwork.metrics.slices import Slice
from topwork.model.short_repr import ShortRepr, score
from topwork.novelty.unknown_detection import UnknownDetection
from topwork.quality import DoubtfulLabel
from topwork.ranking.ranked import Ranking
from topwork.report import Confusions, ReliabilityBin
from topwork.reporting.forgetting import Forgetting
from topwork.reporting.plots import FitPlots
from topwork.search.ladder import RungRecord
from topwork.selection.choice import Selection
from topwork.trials.costs import CostChoice
from topwork.trials.domains.left_out_domains import LeftOutDomains
from topwork.trials.gains.column_gain import ColumnGain
from topwork.trials.gains.transfer_gain import TransferGain
from topwork.trials.int8 import Int8Check
from topwork.trials.precision_check import PrecisionCheck
from topwork.validation.learning_curve import LearningCurve


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class FeatureCounts(_Record):
    """Features that were computed, and that were in the store already."""

    computed: int
    cached: int


class Seconds(_Record):
    """Where the time went.

    Attributes
    ----------
    read
        Finding the items.
    features
        Reading, decoding and running them.
    head
        All fits of the head: the selected one, and those that judge it.
    judge
        Scores and intervals.
    total
        Everything, saving included.
    """

    read: float
    features: float
    head: float
    judge: float
    total: float


class Tried(_Record):
    """One trial: what was tried, on how many items, how good it is, what it took in seconds.

    With costs its predictions are at their threshold, and ``cost`` is the mean cost per item.
    """

    name: str
    backbone: str
    head: str
    n_items: int
    scores: Scores | None
    seconds: float
    chosen: bool
    baseline: bool
    cost: float | None = None


class Copies(_Record):
    """Images that are there more than once; folds keep them together.

    Attributes
    ----------
    n_items
        Items in groups of at least two.
    n_groups
        Those groups.
    n_conflicts
        Groups whose items have different labels.
    """

    n_items: int
    n_groups: int
    n_conflicts: int


class FitResult(ShortRepr, JsonObject, BaseModel):
    """What ``fit`` found.

    Attributes
    ----------
    model
        Where the bundle was saved, if it was.
    previous_model
        Where the model is now that was there before; ``None`` where none was.
    asked, backbone
        The backbone that was asked for, and the one of the selected model.
    head
        ``logistic``, ``centroid`` where one or two labels per class allow no more, or
        ``self-trained`` on items without labels as well.
    scores
        Of the selected head, refitted in each fold; ``None`` where no fold can be made.
    more
        Further scores of the same.
    duplicates
        Images that are there more than once.
    families
        Items that seem to come from the same originals; ``None`` where there are none, or where
        they were not looked for.
    tried
        The baselines and the transfer, from simple to complex.
    choice
        Why the selected model was chosen among them.
    ladder
        The rungs above the probe, tried or not, and why.
    transfer
        Whether transfer helps here, and by how much.
    columns
        What the columns beside the items add, and these to them; ``None`` without any.
    costs
        From which probability on the second of two classes is said, where errors cost
        differently.
    learning_curve
        What more labels would probably bring; ``None`` where that was not measured: with more
        than 100 labels per class or where it takes long unless the fit was thorough, and with
        fewer than ten.
    slices
        Kinds of items against all others; empty unless the fit was thorough.
    doubtful_labels
        Labels to look at, the most doubtful first.
    temperature, sets
        What makes the probabilities honest.
    precision_check
        How far predictions from the measured features are from those of the saved model; ``None``
        where both are in float32, where the model continues another, and without the cache.
    unknown_threshold
        From which score on an item is unknown; ``None`` where none is called so.
    unknown
        Whether the model tells unknown items, and how many unrelated ones it finds.
    ranking
        What the backbone was chosen among; ``None`` where it was named.
    continual
        What going on from a base model did to its classes; ``None`` where there was none.
        ``n_items`` then counts the rows which that model stores, too.
    int8
        Whether 8-bit integers do as well here; ``None`` where nobody asked.
    unlabelled
        What became of the items without labels; ``None`` where there were none.
    confusions
        Which classes are taken for which, of held-out items.
    reliability
        How often predictions of a confidence are right, of held-out items in bins of equal size.
    kind
        What the items are.
    cut_short
        Texts that are longer than the network looks at.
    remarks
        How some of the images were read: their scale, background, pages, and blank ones.
    images_per_second
        Items that went through the step ``features``, by its seconds.
    skipped
        What lay in the data and is no item: counts by extension (``.heic``) or description.
    notes
        Sentences about what was read in another way than it lies there, or may mean more.
    """

    model: str | None
    previous_model: str | None = None
    task: Literal["classes"] = "classes"
    modality: ModalityName = "image"
    asked: str
    backbone: str
    strategy: str
    head: str
    engine: str
    precision: str
    n_items: int
    n_classes: int
    rejected: list[RejectedRecord]
    features: FeatureCounts
    scores: Scores | None
    more: MoreScores | None
    per_class: list[ClassScore]
    duplicates: Copies
    tried: list[Tried]
    choice: Selection | None
    ladder: list[RungRecord]
    transfer: TransferGain | None
    columns: ColumnGain | None = None
    costs: CostChoice | None
    learning_curve: LearningCurve | None
    slices: list[Slice]
    doubtful_labels: list[DoubtfulLabel]
    temperature: Temperature
    sets: PredictionSets | None
    precision_check: PrecisionCheck | None = None
    unknown_threshold: float | None
    unknown: UnknownDetection
    seconds: Seconds
    images_per_second: float
    cut_short: int = 0
    remarks: list[RemarkRecord] = []
    ranking: Ranking | None = None
    continual: Forgetting | None = None
    int8: Int8Check | None = None
    unlabelled: UnlabelledRecord | None = None
    families: FamilyCheck | None = None
    screening: Screening | None = None
    left_out_domains: LeftOutDomains | None = None
    confusions: Confusions | None = None
    reliability: tuple[ReliabilityBin, ...] = ()
    skipped: dict[str, int] = {}
    notes: list[str] = []

    @property
    def plot(self) -> FitPlots:
        """Its figures: ``confusion()``, ``reliability()``, ``learning_curve()``, ``tried()``."""
        return FitPlots(self)

    def _facts(self) -> dict[str, object]:
        scores = self.scores
        return {
            "items": self.n_items,
            "classes": self.n_classes,
            "balanced_accuracy": score(scores.balanced_accuracy if scores else None),
            "accuracy": score(scores.accuracy if scores else None),
            "backbone": self.backbone,
            "strategy": self.strategy,
            "head": self.head,
            "rejected": len(self.rejected),
            "seconds": f"{self.seconds.total:.1f}",
        }
