"""The evidence of a clustering as a model that can be saved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from topwork.backbones import TokenInput
from topwork.data import UNDECIDED
from topwork.installation import installed_versions
from topwork.model import ClusterCard, ClusterModel, ClusterParts, ClusterSpace
from topwork.model.card import without_tokenizer
from topwork.model.graph import fuse
from topwork.model.statistics import key_rows
from topwork.report import model_card, render
from topwork.reporting.fit_report import contents_hash
from topwork.unsupervised.clustering.evidence import ClusterEvidence
from topwork.unsupervised.clustering.page import cluster_report
from topwork.unsupervised.clustering.result import ClusterResult


def assemble_clusters(found: ClusterEvidence, result: ClusterResult, title: str) -> ClusterModel:
    """The centres behind the network that the items were seen with, and the report."""
    frozen = found.frozen
    opened, data, keys = frozen.opened, frozen.data, frozen.extraction.keys
    spec = opened.backbone.input
    card = ClusterCard(
        kind=data.kind.name,
        backbone=opened.backbone.name,
        backbone_fingerprint=opened.backbone.fingerprint,
        cut=opened.cut,
        head=result.method,
        input=replace(spec, tokenizer="") if isinstance(spec, TokenInput) else spec,
        framing=without_tokenizer(opened.preparation),
        appearance=data.kind.appearance or UNDECIDED,
        columns=dict(data.columns),
        names=found.names,
        faithful=opened.graph.faithful,
    )
    grouping = found.grouping
    space = ClusterSpace(
        mean=grouping.space.mean,
        axes=grouping.space.axes,
        centres=grouping.centres,
        least=grouping.least(),
        codes=found.codes.astype(np.int32),
        keys=key_rows(keys),
    )
    content = cluster_report(found, result, title)
    head = space.head()
    parts = ClusterParts(
        card=card,
        head=head,
        graph=fuse(opened.graph.read(), head),
        weights=opened.graph.weights,
        space=space,
        facts={
            "data": {"n_items": result.n_items, "contents": contents_hash(keys)},
            "structure": result.structure.model_dump(mode="json"),
            **{k: v for k, v in installed_versions().items() if k in ("timm", "torch")},
        },
        pages={"report.html": render(content), "README.md": model_card(content)},
        tokenizer=spec.tokenizer if isinstance(spec, TokenInput) else "",
    )
    return ClusterModel(parts, engine=found.settings.engine, keep=opened.graph)
