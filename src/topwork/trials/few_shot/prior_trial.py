"""The nearest class mean in the metric of earlier tasks."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.heads import softmax
from topwork.heads.few_shot.prior import TaskPrior
from topwork.model.priors.prior_file import read_prior
from topwork.settings import FitSettings
from topwork.trials.trial import Candidate, Trial, targets_of
from topwork.validation import JudgedHead
from topwork.validation.crossval import seen_elsewhere


def prior_trial(base: Trial, folds: NDArray[np.integer], settings: FitSettings) -> Trial | None:
    """The features of the probe under the prior that the settings name; None for none.

    It takes the place of ``base`` where it does better on the folds, or where there are too few
    items to compare: the prior was found to pay on tasks that it had not seen.

    Raises
    ------
    BundleError
        The file is no prior.
    ParameterError
        It is for the features of another network.
    """
    if settings.prior is None:
        return None
    begun, frozen = time.monotonic(), base.frozen
    prior, card = read_prior(settings.prior)
    own = frozen.opened.backbone
    if card.fingerprint != own.fingerprint or len(prior.axes) != frozen.features.shape[1]:
        raise ParameterError(
            f"The prior {settings.prior} is for the features of {card.backbone}, "
            f"but those of {own.name} are used.",
            remedy=f"Add --backbone {card.backbone} (backbone={card.backbone!r}), or learn a prior "
            "with this network: topwork meta TASKS --backbone NAME.",
            code="other_network",
        )
    name = f"the prior of {card.n_tasks} earlier tasks"
    heads = tuple(_judged(prior, base, division) for division in folds)
    return Trial(
        Candidate(name, base.candidate.backbone),
        frozen,
        heads,
        time.monotonic() - begun,
        instead_of=base.candidate.name,
        evident=prior.suits(frozen.features),
    )


def _judged(prior: TaskPrior, base: Trial, folds: NDArray[np.integer]) -> JudgedHead:
    begun, targets = time.perf_counter(), targets_of(base.frozen)
    X, codes, k = base.frozen.features, targets.codes, len(targets.labels)
    logits = np.empty((len(codes), k), np.float32)
    for fold in np.unique(folds):
        own = folds == fold
        logits[own] = prior.head(X[~own], codes[~own], k).logits(X[own])
    return JudgedHead(
        head="centroid",
        linear=prior.head(X, codes, k),
        logits_oof=logits,
        probabilities_oof=softmax(logits),
        seen=seen_elsewhere(codes, k, folds),
        C=None,
        C_of_fold=(),
        seconds=time.perf_counter() - begun,
    )
