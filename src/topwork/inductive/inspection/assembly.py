"""What was fitted on good parts as a model that can be saved."""

from __future__ import annotations

from topwork.data import UNDECIDED
from topwork.heads.inspection.normality import Normality, name_of
from topwork.heads.inspection.patch_memory import PatchMemory
from topwork.inductive.inspection.part_maps import PartMaps
from topwork.model.cards.inspector_card import InspectorCard
from topwork.model.inspection.model import InspectorModel
from topwork.model.parts import InspectorParts
from topwork.model.training_items import TrainingParts
from topwork.report import model_card, render
from topwork.reporting.fit_report import contents_hash
from topwork.reporting.inspection.report import inspection_report
from topwork.reporting.inspection.result import InspectionFitResult


def assemble_inspector(
    maps: PartMaps,
    head: Normality,
    training: TrainingParts,
    result: InspectionFitResult,
    title: str,
) -> InspectorModel:
    """What good parts look like behind the network, with their scores and the report."""
    keys = maps.extraction.keys
    card = InspectorCard(
        kind=maps.data.kind.name,
        backbone=maps.backbone.name,
        backbone_fingerprint=maps.backbone.fingerprint,
        cut="+".join(maps.cuts),
        head=name_of(head),
        input=maps.backbone.images,
        framing=maps.framing,
        appearance=maps.data.kind.appearance or UNDECIDED,
        columns=dict(maps.data.columns),
        maps=tuple((c, h, w) for c, h, w in maps.graph.shapes),
        n_axes=head.axes.shape[1],
        n_patches=len(head.patches) if isinstance(head, PatchMemory) else 0,
        false_alarms=result.false_alarms,
        threshold=result.threshold,
    )
    content = inspection_report(result, title, contents_hash(keys))
    parts = InspectorParts(
        card=card,
        head=head,
        graph=maps.graph.read(),
        weights=maps.graph.weights,
        training=training,
        facts={
            "data": {"n_items": result.n_items, "contents": contents_hash(keys)},
            "scores": result.scores.model_dump(mode="json"),
        },
        pages={"report.html": render(content), "README.md": model_card(content)},
    )
    return InspectorModel(parts, keep=maps.graph)
