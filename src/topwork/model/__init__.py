"""The fitted model, what it says, and its bundle."""

from topwork.model.card import AdaptedFrom, Card, ClusterCard, Label, RowCard, StartedFrom
from topwork.model.cards.table_card import TableClassCard, TableNumberCard
from topwork.model.cluster_space import ClusterSpace, RowSpace
from topwork.model.clusters.model import ClusterModel
from topwork.model.clusters.predictions import ClusterPredictions
from topwork.model.continual.merging import Rows, merge
from topwork.model.detection.evaluation import DetectionEvaluation
from topwork.model.detection.model import DetectorModel
from topwork.model.detection.predictions import DetectedBox, DetectionPredictions
from topwork.model.evaluation.evaluate import Evaluation
from topwork.model.head_card import LabelsCard, NumberCard, OrdinalCard
from topwork.model.heads.linear_model import LinearModel
from topwork.model.heads.model import HeadModel
from topwork.model.inspection.model import InspectorModel
from topwork.model.inspection.predictions import InspectionPredictions
from topwork.model.labels.evaluation import LabelsEvaluation
from topwork.model.labels.model import LabelsModel
from topwork.model.labels.predictions import LabelsPredictions
from topwork.model.loading import as_classifier, as_linear, load, load_classifier, open_classifier
from topwork.model.model import Model
from topwork.model.number.evaluation import NumberEvaluation
from topwork.model.number.model import NumberModel
from topwork.model.number.predictions import NumberPredictions
from topwork.model.ordinal.evaluation import OrdinalEvaluation
from topwork.model.ordinal.model import OrdinalModel
from topwork.model.ordinal.predictions import OrdinalPredictions
from topwork.model.parts import (
    ClusterParts,
    DetectorParts,
    LabelsParts,
    NumberParts,
    OrdinalParts,
    Parts,
    RowParts,
    TableParts,
)
from topwork.model.predictions import Predictions
from topwork.model.rows.model import RowClusterModel
from topwork.model.sealed_model import SealedModel
from topwork.model.statistics import TrainingStatistics, summarise, with_domain, with_keys
from topwork.model.storage.manifest import is_bundle
from topwork.model.storage.saving import check_target
from topwork.model.tables import TableClassifierModel, TableModel, TableNumberModel
from topwork.model.training_items import (
    RehearsedItems,
    TrainingItems,
    TrainingLabels,
    TrainingNumbers,
)

__all__ = [
    "AdaptedFrom",
    "Card",
    "ClusterCard",
    "ClusterModel",
    "ClusterParts",
    "ClusterPredictions",
    "ClusterSpace",
    "DetectedBox",
    "DetectionEvaluation",
    "DetectionPredictions",
    "DetectorModel",
    "DetectorParts",
    "Evaluation",
    "HeadModel",
    "InspectionPredictions",
    "InspectorModel",
    "Label",
    "LabelsCard",
    "LabelsEvaluation",
    "LabelsModel",
    "LabelsParts",
    "LabelsPredictions",
    "LinearModel",
    "Model",
    "NumberCard",
    "NumberEvaluation",
    "NumberModel",
    "NumberParts",
    "NumberPredictions",
    "OrdinalCard",
    "OrdinalEvaluation",
    "OrdinalModel",
    "OrdinalParts",
    "OrdinalPredictions",
    "Parts",
    "Predictions",
    "RehearsedItems",
    "RowCard",
    "RowClusterModel",
    "RowParts",
    "RowSpace",
    "Rows",
    "SealedModel",
    "StartedFrom",
    "TableClassCard",
    "TableClassifierModel",
    "TableModel",
    "TableNumberCard",
    "TableNumberModel",
    "TableParts",
    "TrainingItems",
    "TrainingLabels",
    "TrainingNumbers",
    "TrainingStatistics",
    "as_classifier",
    "as_linear",
    "check_target",
    "is_bundle",
    "load",
    "load_classifier",
    "merge",
    "open_classifier",
    "summarise",
    "with_domain",
    "with_keys",
]
