"""Everything that a report says, as plain data."""

from __future__ import annotations

from topwork.data import ModalityName
from topwork.metrics.records import ClassScore, Record
from topwork.metrics.screening import Screening
from topwork.metrics.two_classes import TwoClasses
from topwork.report.adaptation import Adaptation
from topwork.report.before_after import BeforeAfter
from topwork.report.confusions import Confusions
from topwork.report.curve import LabelBudget, LearningCurve
from topwork.report.failures import Failures
from topwork.report.findings import DataFindings
from topwork.report.found_objects import FoundObjects, Suggestions
from topwork.report.predicted.predicted_labels import PredictedLabelSets
from topwork.report.predicted.predicted_numbers import PredictedNumbers
from topwork.report.probabilities import Probabilities
from topwork.report.reported_metrics import ReportedMetric
from topwork.report.strategies import Strategies
from topwork.report.unlabelled.clusters import Clusters
from topwork.settings.choices import TaskName


class Fact(Record):
    """Something with a name and a value, both as people read them."""

    name: str
    value: str


class Summary(Record):
    """The report in plain sentences.

    Attributes
    ----------
    headline
        The one score that is written large.
    chance
        What guessing would give on the headline's scale.
    question
        What ``how_good`` answers.
    how_good, how_sure, transfer
        One or two sentences each; an empty one is left out.
    next_steps
        What to do now, most useful first.
    warnings
        What must be read before the number is used.
    """

    headline: ReportedMetric | None = None
    chance: float | None = None
    question: str = "How good is it?"
    how_good: str = ""
    how_sure: str = ""
    transfer: str = ""
    next_steps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Method(Record):
    """How it was measured.

    Attributes
    ----------
    paragraphs
        In words.
    facts
        Items, classes, folds, seed, backbone and the like.
    versions, hashes
        What it takes to do it again, and to know that the data are the same.
    """

    paragraphs: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    versions: tuple[Fact, ...] = ()
    hashes: tuple[Fact, ...] = ()


class Publication(Record):
    """What only a published model needs; see `model_card`.

    Attributes
    ----------
    license
        An identifier such as ``apache-2.0``.
    dataset
        The data's name, for people.
    base_model
        The pretrained network that it was made from.
    """

    license: str | None = None
    dataset: str = ""
    base_model: str | None = None
    tags: tuple[str, ...] = ()
    intended_use: str = ""
    limits: str = ""


class ReportContent(Record):
    """Everything that a report says; what a run has not found out is left out.

    Examples
    --------
    >>> content = ReportContent(kind="image", title="Surfaces")
    >>> content.learning_curve is None
    True
    """

    kind: ModalityName
    task: TaskName = "classes"
    title: str
    subtitle: str = ""
    notice: str = ""
    summary: Summary = Summary()
    metrics: tuple[ReportedMetric, ...] = ()
    strategies: Strategies | None = None
    before_after: BeforeAfter | None = None
    adaptation: Adaptation | None = None
    clusters: Clusters | None = None
    classes: tuple[ClassScore, ...] = ()
    confusions: Confusions | None = None
    two_classes: TwoClasses | None = None
    screening: Screening | None = None
    probabilities: Probabilities | None = None
    numbers: PredictedNumbers | None = None
    labels: PredictedLabelSets | None = None
    objects: FoundObjects | None = None
    suggestions: Suggestions | None = None
    learning_curve: LearningCurve | None = None
    label_budget: LabelBudget | None = None
    failures: Failures | None = None
    data: DataFindings | None = None
    method: Method | None = None
    publication: Publication = Publication()
