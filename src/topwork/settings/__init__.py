"""What a user can decide, each stated once: the parameter, its documentation and the option."""

from topwork.settings.adapt import AdaptSettings, DomainSettings
from topwork.settings.calibration import CalibrationSettings, IntervalSettings
from topwork.settings.cluster import ClusterChoice, ClusterSettings
from topwork.settings.detection import DetectionSettings, MissSettings
from topwork.settings.features import FeatureSettings
from topwork.settings.fit import FitSettings
from topwork.settings.images import FramingSettings, ImageSettings
from topwork.settings.parameters import with_parameters
from topwork.settings.pretrain import PretrainSettings
from topwork.settings.rank import RankSettings
from topwork.settings.reading import (
    FitReadingSettings,
    OrderSettings,
    ReadingSettings,
    TableSettings,
    TaskSettings,
)
from topwork.settings.run import RunSettings
from topwork.settings.search import (
    BudgetSettings,
    JudgingSettings,
    SearchSettings,
    StrategySettings,
)
from topwork.settings.setting import Setting, Stated, stated_in
from topwork.settings.watch import WatchSettings

__all__ = [
    "AdaptSettings",
    "BudgetSettings",
    "CalibrationSettings",
    "ClusterChoice",
    "ClusterSettings",
    "DetectionSettings",
    "DomainSettings",
    "FeatureSettings",
    "FitReadingSettings",
    "FitSettings",
    "FramingSettings",
    "ImageSettings",
    "IntervalSettings",
    "JudgingSettings",
    "MissSettings",
    "OrderSettings",
    "PretrainSettings",
    "RankSettings",
    "ReadingSettings",
    "RunSettings",
    "SearchSettings",
    "Setting",
    "Stated",
    "StrategySettings",
    "TableSettings",
    "TaskSettings",
    "WatchSettings",
    "stated_in",
    "with_parameters",
]
