"""The registries of the modalities, one for each layer that needs one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from topwork.backbones import DEFAULT_FOR
from topwork.data import MODALITIES
from topwork.diagnosis.modality import COVERABLE
from topwork.quality.item_fingerprints import FINGERPRINTERS
from topwork.ranking.backbone_candidate import LISTS
from topwork.reporting.failures_section import EXPLAINED
from topwork.search.known_rungs import RUNGS
from topwork.training.refining.modality import REFINED_BY
from topwork.trials.modality import MODALITY_TRIALS
from topwork.unsupervised.clustering.modality import CLUSTERED

REGISTRIES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "data": ("data/modality.py", MODALITIES),
    "backbones": ("backbones/catalogue.py", DEFAULT_FOR),
    "quality": ("quality/item_fingerprints.py", FINGERPRINTERS),
    "trials": ("trials/modality.py", MODALITY_TRIALS),
    "ranking": ("ranking/backbone_candidate.py", LISTS),
    "search": ("search/known_rungs.py", RUNGS),
    "diagnosis": ("diagnosis/modality.py", COVERABLE),
    "unsupervised": ("unsupervised/clustering/modality.py", CLUSTERED),
    "training/refining": ("training/refining/modality.py", REFINED_BY),
    "reporting": ("reporting/failures_section.py", EXPLAINED),
}
"""By layer: the file, and what it says of each modality."""
