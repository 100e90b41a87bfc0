"""What a fit of boxes found, as plain data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.calibration.detection import LooksAt, ThresholdChoice
from topwork.data import ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.metrics.detection.comparison import FalseDetectionChange
from topwork.metrics.detection.false_detections import FalseDetections
from topwork.metrics.detection.scores import DetectionScores
from topwork.model.detection.class_of_boxes import ClassOfBoxes
from topwork.model.detection.evaluation import AtThreshold
from topwork.model.short_repr import ShortRepr, score
from topwork.reporting.result import Copies, FeatureCounts, Seconds
from topwork.search.ladder import RungRecord
from topwork.selection.choice import Selection
from topwork.trials.gains.transfer_gain import TransferGain


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class DetectorInput(_Record):
    """What the network sees, and where it is cut.

    Attributes
    ----------
    height, width
        Of the input, in pixels.
    strides
        Of the levels on which objects are found, in pixels of the input; none of a whole detector
        with queries of its own.
    views
        Stored of each image.
    steps
        Of the optimiser in each fit.
    tiles
        Per side that each image is seen in as well; 1 for none.
    by_queries
        Whether the pretrained detector itself gives the boxes, without a head on maps.
    """

    height: int
    width: int
    strides: tuple[int, ...]
    views: int
    steps: int
    tiles: int = 1
    by_queries: bool = False


class DetectorTried(_Record):
    """One detector: what was tried, how good it is on images held out, what it took in seconds.

    Attributes
    ----------
    ap50, low, high
        With its 95 % interval; the boxes' scores are as the network gives them.
    n_items
        Images that it was judged on.
    baseline
        Whether it is there to be beaten only, and can't be selected.
    """

    name: str
    height: int
    width: int
    steps: int
    ap50: float
    seconds: float
    chosen: bool
    low: float
    high: float | None
    n_items: int
    baseline: bool = False


class SecondLookRecord(_Record):
    """A model of whether a box is right, from its score, its shape and what the network says of it.

    Attributes
    ----------
    used
        Whether it replaces the scores.
    looks_at
        ``maps`` inside the boxes, ``crops`` of the places where boxes are, or ``boxes``: nothing
        but their scores and shapes.
    change
        False boxes per image at one recall with it against without; ``null`` where it could not
        be fitted.
    reason
        Why it is used or not.
    """

    used: bool
    looks_at: LooksAt = "boxes"
    change: FalseDetectionChange | None
    reason: str


class DetectionFitResult(ShortRepr, JsonObject, BaseModel):
    """What ``fit`` found where the targets are boxes.

    Attributes
    ----------
    model
        Where the bundle was saved, if it was.
    previous_model
        Where the model is now that was there before; ``None`` where none was.
    asked, backbone
        The backbone that was asked for, and with its input size the one of the model.
    n_objects
        Objects that count.
    n_negatives
        Images without an object.
    scores
        Of the detector, refitted in each fold.
    per_class
        Each class, by its name.
    at_threshold
        What the model's threshold does on the images held out.
    promises
        What was asked of the threshold (``--miss``, ``--false-per-image``), and whether it can be
        had; where it can't, the threshold has the best harmonic mean of precision and recall.
    tried
        The baselines and the detectors that were tried, from simple to complex.
    transfer
        Whether pretraining helps here, and by how much: AP50 of the detector on the frozen network
        against the same one on random weights; ``None`` where that wasn't tried.
    choice
        Why one was selected among them; ``None`` where there was one only.
    ladder
        What was tried beside the frozen network, or why not.
    second_look
        Whether a model on the detected boxes leaves fewer false ones.
    errors
        Kinds of false boxes at the threshold, and missed objects.
    duplicates
        Images that are there more than once.
    """

    task: Literal["boxes"] = "boxes"
    modality: ModalityName = "image"
    model: str | None = None
    previous_model: str | None = None
    asked: str
    backbone: str
    strategy: str = "probe"
    head: Literal["detection"] = "detection"
    engine: str
    precision: str
    n_items: int
    n_objects: int
    n_negatives: int
    n_classes: int
    rejected: list[RejectedRecord]
    features: FeatureCounts
    input: DetectorInput
    scores: DetectionScores
    per_class: list[ClassOfBoxes]
    at_threshold: AtThreshold
    promises: tuple[ThresholdChoice, ...] = ()
    tried: list[DetectorTried]
    choice: Selection | None = None
    ladder: list[RungRecord] = []
    transfer: TransferGain | None = None
    second_look: SecondLookRecord
    errors: FalseDetections
    duplicates: Copies
    n_families: int = 0
    seconds: Seconds
    images_per_second: float
    remarks: list[RemarkRecord] = []
    skipped: dict[str, int] = {}
    notes: list[str] = []

    @property
    def promised(self) -> list[str]:
        """What the threshold promises, or why it can't, for people."""
        used = self.at_threshold.threshold
        return [promise_sentence(choice, used) for choice in self.promises]

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "objects": self.n_objects,
            "classes": self.n_classes,
            "ap50": score(self.scores.ap50),
            "backbone": self.backbone,
            "rejected": len(self.rejected),
            "seconds": f"{self.seconds.total:.1f}",
        }


def promise_sentence(choice: ThresholdChoice, threshold: float) -> str:
    """What a threshold promises, or why it can't.

    Parameters
    ----------
    threshold
        The one that is used.

    Examples
    --------
    >>> choice = ThresholdChoice(
    ...     promise="miss", target=0.1, threshold=None, expected=None, n_images=5, needed=9,
    ...     reason="5 images with objects are too few.",
    ... )
    >>> promise_sentence(choice, 0.5)
    'Missing at most 10 % of the objects is not attainable: 5 images with objects are too few.'
    """
    if choice.promise == "miss":
        what = f"issing at most {100 * choice.target:g} % of the objects"
    else:
        what = f"aving at most {choice.target:g} false boxes per image"
    first = "M" if choice.promise == "miss" else "H"
    if choice.threshold is None:
        return f"{first}{what} is not attainable: {choice.reason}"
    miss = choice.promise == "miss"
    kept = threshold <= choice.threshold if miss else threshold >= choice.threshold
    if not kept:
        return (
            f"{first}{what} and the other limit cannot both be kept: the threshold balances "
            "precision and recall instead. Relax one of the two."
        )
    return (
        f"{first}{what} is promised on average for images like these, by out-of-fold boxes of "
        f"{choice.n_images} images."
    )
