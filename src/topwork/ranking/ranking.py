"""Which backbone suits labelled items: closed forms on features, no more items than it takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topwork.backbones import DEFAULT_FOR
from topwork.backbones.engines import images_per_second
from topwork.data import (
    MAX_GRAMS,
    ClassTargets,
    Dataset,
    NumberTargets,
    check_label_type,
    surveyed,
)
from topwork.errors import DataError
from topwork.intake.labelled import check_labels
from topwork.ranking.backbone_candidate import Candidate, backbone_candidates_of
from topwork.ranking.ranked import RankedBackbone, Ranking, RankingSeconds
from topwork.ranking.screening import Screening
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.progress import Steps, no_steps
from topwork.runtime.run_context import RunContext
from topwork.selection.choice import RankedCandidate, Selection
from topwork.selection.halving import (
    Round,
    placed,
    round_sizes,
    stratified_order,
    successive_halving,
)
from topwork.settings import FitSettings

MAX_ITEMS = 4000
"""Items that candidates are judged on at most, unless the user wants more."""


@where_settings_say
def rank(
    data: Dataset,
    candidates: Sequence[Candidate],
    settings: FitSettings | None = None,
    *,
    most: int | None = MAX_ITEMS,
    timed: bool = True,
    steps: Steps = no_steps,
) -> Ranking:
    """Order candidates by how well their features suit labelled items.

    All are judged on a stratified part of the items; those that are clearly beaten are dropped,
    and the rest are judged on more, until one is left or the items run out. Those within one
    standard error of a leader tie with it, and of them the cheaper comes first. They are compared
    by the Brier score of held-out probabilities, item by item.

    Parameters
    ----------
    most
        Items to use at most; ``None`` for all.
    timed
        Whether to measure how fast each network is here.
    steps
        Where progress goes.

    Raises
    ------
    DataError
        The items have no labels or one label only, or too many can't be read.
    BackboneError
        A candidate is not known, or its weights cannot be had.
    """
    settings = settings or FitSettings()
    data = surveyed(data, settings.window)
    _check_classes(data)
    check_labels(data)
    assert data.classes is not None
    order = stratified_order(data.classes.codes, seed=settings.seed)
    screening = Screening(data, order, {}, RunContext(settings, steps))
    with screening.clock("open"):
        backbone_candidates = backbone_candidates_of(candidates, settings)
    screening.backbone_candidates = {
        backbone_candidate.name: backbone_candidate for backbone_candidate in backbone_candidates
    }
    sizes = round_sizes(min(len(data), most or len(data)), data.n_classes)
    rounds = successive_halving(list(screening.backbone_candidates), sizes, screening.judge)
    usual = DEFAULT_FOR[data.kind.name]
    default = usual if usual in screening.backbone_candidates else None
    return _ranking(screening, rounds, placed(rounds, fallback=default), timed=timed)


def _check_classes(data: Dataset) -> None:
    targets = data.targets
    issue = None
    if isinstance(targets, ClassTargets) and not targets.certain:
        issue = check_label_type(targets.labels, targets.counts())
    if isinstance(targets, NumberTargets) or (issue is not None and issue.code == "numbers"):
        raise DataError(
            "Backbones are ranked for classes only, and the labels are numbers.",
            remedy="Compare them by topwork fit --backbone NAME for each; or, if the numbers are "
            "names of classes, write them as words (class 7).",
            code="classes_only",
        )


def _ranking(
    screening: Screening, rounds: Sequence[Round], verdicts: list[Selection], *, timed: bool
) -> Ranking:
    with screening.clock("timing"):
        speeds = {
            name: images_per_second(c.opened.engine, c.opened.backbone.input)
            for name, c in screening.backbone_candidates.items()
            if timed and c.opened is not None
        }
    first, last = verdicts[0], rounds[-1]
    backbones: list[RankedBackbone] = []
    for verdict in verdicts:
        place = len(backbones) + 1
        tied = (standing for standing in verdict.ranked_candidates if not standing.beaten)
        backbones += [
            _ranked(screening, standing, place, speeds.get(standing.name))
            for standing in sorted(tied, key=lambda s: s.name != verdict.chosen)
        ]
    engine = next(
        c.opened.engine for c in screening.backbone_candidates.values() if c.opened is not None
    )
    return Ranking(
        modality=screening.data.kind.name,
        best=first.chosen,
        ties=first.equals,
        ranked=first.ranked,
        reason=_reason(first),
        n_items=len(screening.data),
        n_classes=screening.data.n_classes,
        n_used=len(last.codes),
        n_groups=len(np.unique(last.groups)),
        rejected=screening.rejected,
        engine=engine.name,
        precision=engine.precision,
        backbones=tuple(backbones),
        seconds=RankingSeconds(**screening.seconds),
    )


def _ranked(
    screening: Screening, standing: RankedCandidate, place: int, speed: float | None
) -> RankedBackbone:
    found, backbone_candidate = (
        screening.found[standing.name],
        screening.backbone_candidates[standing.name],
    )
    backbone = backbone_candidate.opened.backbone if backbone_candidate.opened is not None else None
    cost = backbone_candidate.cost
    return RankedBackbone(
        backbone=backbone_candidate.name,
        place=place,
        n_items=found.n_items,
        scores=found.scores,
        brier=found.brier,
        behind=standing.behind,
        log_me=found.log_me,
        h_score=found.h_score,
        images_per_second=speed,
        parameters=cost.parameters,
        gflops=cost.multiply_adds / 1e9,
        weights_bytes=cost.weights_bytes,
        input=backbone.input.size if backbone else (MAX_GRAMS,),
        licence=backbone.licence if backbone else None,
    )


def _reason(verdict: Selection) -> str:
    """Why the best is the best, in one sentence."""
    if not verdict.ranked:
        return verdict.reason
    others = len(verdict.equals) - 1
    if others == 0:
        return f"{verdict.chosen} scores best, and none ties with it."
    tie = f"{verdict.chosen} is the cheapest of {others + 1} that tie"
    if verdict.leader == verdict.chosen:
        return f"{tie}, and scores best."
    behind = next(s.behind for s in verdict.ranked_candidates if s.name == verdict.chosen)
    assert behind is not None
    return (
        f"{tie}: {verdict.leader} has a {2 * behind.difference:.3f} lower Brier score, within one "
        "standard error."
    )
