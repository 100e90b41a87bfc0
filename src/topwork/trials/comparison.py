"""Trials against each other, on the items that all of them were judged on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import decide, least_cost
from topwork.metrics.metrics import item_briers
from topwork.metrics.paired import PairedTest, paired_items
from topwork.selection.choice import Candidate, Rule, Selection, choose, class_weights
from topwork.trials.calibrated import calibrated_probabilities
from topwork.trials.trial import Trial, targets_of

MIN_TO_SUBSTITUTE = 12
"""Items below which a substitute is not trusted."""


@dataclass(frozen=True, eq=False, slots=True)
class ModelComparison:
    """The folds and groups that all trials share.

    Parameters
    ----------
    folds, groups
        ``(r, n)`` and ``(n,)``.
    costs
        Cost of predicting class j where class i is true, ``(2, 2)``, where errors cost differently:
        the mean cost then is what is compared, and balanced accuracy without.
    """

    folds: NDArray[np.integer]
    groups: NDArray[np.integer]
    costs: NDArray[np.float64] | None = None

    def scores(self, trial: Trial) -> NDArray[np.bool_] | NDArray[np.float64]:
        """Whether each held-out item was predicted right, or minus what it costs, ``(r, n)``."""
        if self.costs is None:
            return trial.right
        return self.scores_of(calibrated_probabilities(trial), targets_of(trial.frozen).codes)

    def scores_of(
        self, answers: NDArray[np.float32], codes: NDArray[np.integer]
    ) -> NDArray[np.bool_] | NDArray[np.float64]:
        """The same of held-out probabilities ``(r, n, k)``."""
        if self.costs is None:
            return np.asarray(answers.argmax(axis=2) == codes)
        sentence = decide(answers, least_cost(self.costs))
        return np.asarray(-self.costs[np.broadcast_to(codes, sentence.shape), sentence])

    def weights(self, codes: NDArray[np.integer]) -> NDArray[np.float64]:
        """Of items in a mean, ``(n,)``: classes count alike, unless costs say what counts."""
        return class_weights(codes) if self.costs is None else np.ones(len(codes))

    def verdict(
        self,
        trials: Sequence[Trial],
        *,
        among: NDArray[np.bool_] | None = None,
        fallback: str | None = None,
    ) -> Selection:
        """The simplest within one corrected standard error of the best.

        A test at 5 % would ship a model 22 points worse where 45 images can't prove the
        difference.

        Parameters
        ----------
        trials
            From simple to complex.
        among
            Items that may be looked at, ``(n,)``.
        """
        return self._verdict(trials, among, "one standard error", fallback=fallback)

    def _verdict(
        self,
        trials: Sequence[Trial],
        among: NDArray[np.bool_] | None,
        rule: Rule,
        *,
        fallback: str | None = None,
        n_tried: int | None = None,
    ) -> Selection:
        judged = [trial.judged_rows for trial in trials]
        rows = np.logical_and.reduce(judged if among is None else [*judged, among])
        repeats = min(len(trial.heads) for trial in trials)
        partly = any(trial.judged_on is not None for trial in trials)
        left = np.unique(self.folds[0, rows])
        verdict = choose(
            [Candidate(t.candidate.name, self.scores(t)[:repeats, rows]) for t in trials],
            folds=self.folds[:repeats, rows],
            n_folds=len(np.unique(self.folds[0])) if partly or len(left) < 2 else None,
            groups=self.groups[rows],
            codes=targets_of(trials[0].frozen).codes[rows],
            rule=rule,
            fallback=fallback,
            n_tried=n_tried,
            alike=self.costs is None,
        )
        if self.costs is None or not verdict.ranked:
            return verdict
        return verdict.model_copy(update={"reason": _reason_by_cost(verdict)})

    def substitution(
        self, trial: Trial, base: Trial, *, among: NDArray[np.bool_] | None = None
    ) -> Selection:
        """Whether a trial takes another's place: if it does better on the folds at all.

        Few labels can hardly prove a gain: with 4 per class, one that is 8 points on average would
        pass the test of the other rungs in one of six cases. The user brought the items that it
        comes from, and where they are what they are said to be it was measured again and again.
        What has to be found out is whether they are, and half the Brier score at each one's
        temperature tells: useless items made it worse in 12 cases of 12, while as many answers
        were right as before in some.
        """
        rows = slice(None) if among is None else among
        codes = targets_of(base.frozen).codes[rows]
        repeats = min(len(trial.heads), len(base.heads))
        verdict = choose(
            [
                Candidate(t.candidate.name, _negative_half_brier(t, repeats)[:, rows])
                for t in (base, trial)
            ],
            folds=self.folds[:repeats, rows],
            groups=self.groups[rows],
            codes=codes,
            rule="higher score",
            min_items=MIN_TO_SUBSTITUTE,
            fallback=(trial if trial.evident else base).candidate.name,
        )
        if not verdict.ranked:
            return verdict
        return verdict.model_copy(update={"reason": _substitution_reason(verdict)})

    def lead(self, trial: Trial, over: Trial) -> PairedTest:
        """How much more it scores than another where both were judged, in shares or costs."""
        rows, repeats = trial.judged_rows & over.judged_rows, min(len(trial.heads), len(over.heads))
        own, other = (self.scores(t)[:repeats, rows].astype(float) for t in (trial, over))
        return paired_items(
            (own - other) * self.weights(targets_of(over.frozen).codes[rows]),
            groups=self.groups[rows],
            n_folds=len(np.unique(self.folds[0])),
            n_judged=len(np.unique(self.folds[0, rows])),
            limit=1.0 if self.costs is None else None,
        )

    def choose(
        self, trials: Sequence[Trial], fallback: Trial, *, among: NDArray[np.bool_] | None = None
    ) -> tuple[int, Selection]:
        """The position of the trial to use, of those that were judged on all items.

        First the simplest of equals of what is not above the probe; what is above it then has to
        beat that, or the probe where it scores more, by more than the best of so many would by
        chance.

        Parameters
        ----------
        fallback
            What is used where there are too few items to compare.
        """
        n_tried = sum(trial.above for trial in trials)
        trials, fallback = self._settled(trials, fallback, among)
        able = [i for i, trial in enumerate(trials) if trial.selectable and trial.judged_on is None]
        place = next(i for i, trial in enumerate(trials) if trial is fallback)
        verdict = self.verdict(
            [trials[i] for i in able], among=among, fallback=fallback.candidate.name
        )
        if not verdict.ranked:
            return place, verdict
        above = [i for i in able if trials[i].above]
        below = [i for i in able if not trials[i].above]
        simple = self.verdict([trials[i] for i in below], among=among)
        best = below[_position(simple, simple.chosen)]
        if not above:
            return best, simple
        rival = below[_position(simple, simple.leader)]
        rungs = self._verdict(
            [trials[i] for i in (rival, *above)], among, "best of several", n_tried=n_tried
        )
        found = _position(rungs, rungs.chosen)
        if found == 0 and rival != best:
            return best, simple
        return (above[found - 1] if found else best), rungs

    def _settled(
        self, trials: Sequence[Trial], fallback: Trial, among: NDArray[np.bool_] | None
    ) -> tuple[list[Trial], Trial]:
        """All trials, of a substitute and what it stands for only one shipping."""
        found = list(trials)
        names = [trial.candidate.name for trial in trials]
        for i, trial in enumerate(trials):
            if trial.instead_of not in names:
                continue
            place = names.index(trial.instead_of)
            base = trials[place]
            chosen = self.substitution(trial, base, among=among).chosen
            out = place if chosen == trial.candidate.name else i
            found[out] = replace(found[out], selectable=False)
            if out == place and fallback.candidate.name == base.candidate.name:
                fallback = trial
        return found, fallback

    def choices_without_own(self, trials: Sequence[Trial], fallback: Trial) -> NDArray[np.intp]:
        """Which trial would be chosen without the answers to an item and its fold: ``(r, n)``.

        What is reported for the item is that trial's answer, so that the choice, too, is judged
        on items that it was not made on.
        """
        chosen, verdict = self.choose(trials, fallback)
        found = np.full(self.folds.shape, chosen, np.intp)
        if not verdict.ranked:
            return found
        for division, row in zip(self.folds, found, strict=True):
            for fold in np.unique(division):
                own = division == fold
                row[own] = self.choose(trials, fallback, among=~own)[0]
        return found


def answers_without_own(
    trials: Sequence[Trial], chosen: Trial, choices: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Held-out probabilities of whichever trial would be chosen without an item, ``(r, n, k)``.

    Parameters
    ----------
    choices
        Positions of those trials, ``(r, n)``.
    """
    choices = choices[: len(chosen.heads)]
    found = np.empty((*choices.shape, chosen.frozen.data.n_classes), np.float32)
    for i in np.unique(choices):
        own = calibrated_probabilities(trials[i])[: len(choices)]
        every = np.broadcast_to(own, found.shape)
        found[choices == i] = every[choices == i]
    return found


def _reason_by_cost(verdict: Selection) -> str:
    chosen = next(s for s in verdict.ranked_candidates if s.name == verdict.chosen)
    if chosen.behind is None:
        return f"{chosen.name} has the lowest mean cost, {-chosen.score:.3f} per item."
    less = f"{verdict.leader} costs {chosen.behind.difference:.3f} less per item"
    return f"{less} than {chosen.name}, not certain: keeping {chosen.name}, which is simpler."


def _position(verdict: Selection, name: str) -> int:
    """Of a candidate among those that a verdict is about."""
    return [ranked_candidate.name for ranked_candidate in verdict.ranked_candidates].index(name)


def _negative_half_brier(trial: Trial, repeats: int) -> NDArray[np.float64]:
    """Minus half the Brier score of each held-out item, ``(r, n)``."""
    codes = targets_of(trial.frozen).codes
    return np.stack([-item_briers(codes, p) / 2 for p in calibrated_probabilities(trial)[:repeats]])


def _substitution_reason(verdict: Selection) -> str:
    base, substitute = verdict.ranked_candidates
    gain = 2 * (substitute.score - base.score)
    sentence = (
        f"{substitute.name} {'lower' if gain >= 0 else 'raise'} the Brier score by {abs(gain):.3f}"
    )
    if verdict.chosen == substitute.name:
        return f"{sentence} and are used in place of {base.name}."
    return f"{sentence}: keeping {base.name}."
