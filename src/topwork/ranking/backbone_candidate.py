"""Which backbones are compared, and what each of them is and costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from topwork.backbones import EVERYTHING, PACKAGED_TEXT, SHORTLIST, TokenInput
from topwork.backbones.engines import GraphCost, graph_cost
from topwork.backbones.multi_layer import with_layers
from topwork.backbones.sources.tfidf import TFIDF
from topwork.errors import BackboneError, ParameterError
from topwork.features.opened_backbone import OpenedBackbone, open_backbone
from topwork.settings import FitSettings

_NETWORKS = tuple(f"packaged:{entry.name}" for entry in PACKAGED_TEXT)
_TEXTS = (TFIDF, *_NETWORKS, *map(with_layers, _NETWORKS))

LISTS = {
    "image": {"shortlist": SHORTLIST, "all": EVERYTHING},
    "text": {"shortlist": _TEXTS, "all": _TEXTS},
}
"""What the user can write in place of names, by the kind of items."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A frozen part that could be used: data, as the user writes it.

    Parameters
    ----------
    backbone
        As ``fit`` takes it: ``SOURCE:NAME``, with ``/SIZE`` and ``@FILE``.
    """

    backbone: str


@dataclass(frozen=True, slots=True)
class BackboneCandidate:
    """A candidate that is ready to run.

    Parameters
    ----------
    name
        What people call it, and what ``fit`` takes.
    opened
        ``None`` for the words of the items, which need no network.
    """

    name: str
    opened: OpenedBackbone | None
    cost: GraphCost

    @property
    def network(self) -> OpenedBackbone:
        """Where its features come from."""
        assert self.opened is not None, "words need no network"
        return self.opened


def candidates_of(names: str | Sequence[str], kind: str = "image") -> list[Candidate]:
    """``shortlist``, ``all``, names with commas between them, or a list of names.

    Parameters
    ----------
    kind
        Of the items, which the lists depend on.

    Raises
    ------
    ParameterError
        There are no names.
    """
    listed = names.split(",") if isinstance(names, str) else list(names)
    stripped = [name.strip() for name in listed if name.strip()]
    if not stripped:
        raise ParameterError(
            "There are no backbones to compare.",
            remedy="Name some with commas between them, or write shortlist or all.",
        )
    request = [name for entry in stripped for name in LISTS[kind].get(entry, (entry,))]
    return [Candidate(name) for name in dict.fromkeys(request)]


def backbone_candidates_of(
    candidates: Sequence[Candidate], settings: FitSettings
) -> list[BackboneCandidate]:
    """Candidates made ready, from cheap to dear; the same one only once.

    The order is by the work for one image, then by weights, so that it is the same on every
    machine and however busy that is.

    Raises
    ------
    BackboneError
        A name is not known, or its weights cannot be had.
    ParameterError
        There are words alone.
    """
    if all(candidate.backbone == TFIDF for candidate in candidates):
        raise ParameterError(
            f"There is nothing but {TFIDF} to compare.",
            remedy=f"Name a network beside it, such as packaged:{PACKAGED_TEXT[0].name}.",
        )
    found: dict[str, BackboneCandidate] = {}
    for candidate in candidates:
        backbone_candidate = _opened(candidate, settings)
        found.setdefault(backbone_candidate.name, backbone_candidate)
    return sorted(
        found.values(), key=lambda c: (c.cost.multiply_adds, c.cost.weights_bytes, c.name)
    )


def _opened(candidate: Candidate, settings: FitSettings) -> BackboneCandidate:
    if candidate.backbone == TFIDF:
        return BackboneCandidate(TFIDF, None, GraphCost(0, 0, 0))
    try:
        opened = open_backbone(candidate.backbone, settings)
    except BackboneError as error:
        raise BackboneError(
            f"{candidate.backbone} cannot be compared: {error.message}",
            remedy=error.remedy,
            code=error.code,
        ) from error
    # a file of weights is part of what fit has to be told, and not of the backbone's own name
    name = candidate.backbone if "@" in candidate.backbone else opened.backbone.name
    spec = opened.backbone.input
    if isinstance(spec, TokenInput) and spec.windows > 1:  # such a text has one window at least
        return BackboneCandidate(name, opened, graph_cost(opened.graph, length=spec.max_length))
    return BackboneCandidate(name, opened, graph_cost(opened.graph))
