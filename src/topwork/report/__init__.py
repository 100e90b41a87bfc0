"""The report: plain records in, one HTML page and a model card out."""

from topwork.report.adaptation import (
    Adaptation,
    DomainMap,
    Judged,
    Relabelled,
    Spot,
    Way,
)
from topwork.report.before_after import BeforeAfter, Compared
from topwork.report.card import model_card
from topwork.report.confusions import ConfusedPair, Confusions, confusions_of
from topwork.report.content import Fact, Method, Publication, ReportContent, Summary
from topwork.report.curve import CurvePoint, LabelBudget, LabelStage, LearningCurve
from topwork.report.failures import Failures, Piece, Slice, WrongItem, piece_levels
from topwork.report.findings import (
    ClassSize,
    DataFindings,
    DoubtfulLabel,
    ItemGroup,
    Member,
    RejectedItems,
)
from topwork.report.found_objects import (
    FalseKind,
    FoundObjects,
    FrocPoint,
    ObjectClass,
    ShownImage,
    SuggestedImage,
    Suggestions,
)
from topwork.report.images import saliency_data_uri, thumbnail_data_uri
from topwork.report.page import render
from topwork.report.predicted.predicted_labels import PredictedLabelSets, ReportedLabel
from topwork.report.predicted.predicted_numbers import Point, PredictedNumbers
from topwork.report.probabilities import (
    PredictionSets,
    Probabilities,
    ReliabilityBin,
    SetSize,
    UnknownInputs,
)
from topwork.report.reported_metrics import METRICS, ReportedMetric, reported_metrics
from topwork.report.shown import LONGEST_TEXT, Shown
from topwork.report.strategies import Strategies, Tried
from topwork.report.unlabelled.clusters import (
    ClusterBetween,
    ClusterMap,
    ClusterMember,
    Clusters,
    ClusterSpots,
    ShownCluster,
    TriedCount,
)

__all__ = [
    "LONGEST_TEXT",
    "METRICS",
    "Adaptation",
    "BeforeAfter",
    "ClassSize",
    "ClusterBetween",
    "ClusterMap",
    "ClusterMember",
    "ClusterSpots",
    "Clusters",
    "Compared",
    "ConfusedPair",
    "Confusions",
    "CurvePoint",
    "DataFindings",
    "DomainMap",
    "DoubtfulLabel",
    "Fact",
    "Failures",
    "FalseKind",
    "FoundObjects",
    "FrocPoint",
    "ItemGroup",
    "Judged",
    "LabelBudget",
    "LabelStage",
    "LearningCurve",
    "Member",
    "Method",
    "ObjectClass",
    "Piece",
    "Point",
    "PredictedLabelSets",
    "PredictedNumbers",
    "PredictionSets",
    "Probabilities",
    "Publication",
    "RejectedItems",
    "Relabelled",
    "ReliabilityBin",
    "ReportContent",
    "ReportedLabel",
    "ReportedMetric",
    "SetSize",
    "Shown",
    "ShownCluster",
    "ShownImage",
    "Slice",
    "Spot",
    "Strategies",
    "SuggestedImage",
    "Suggestions",
    "Summary",
    "Tried",
    "TriedCount",
    "UnknownInputs",
    "Way",
    "WrongItem",
    "confusions_of",
    "model_card",
    "piece_levels",
    "render",
    "reported_metrics",
    "saliency_data_uri",
    "thumbnail_data_uri",
]
