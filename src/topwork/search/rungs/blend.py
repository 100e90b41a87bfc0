"""A blend as a rung: a trained network beside frozen ones, each with its own head."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.sources.concatenated import SEPARATOR, beside, networks_in
from topwork.calibration.temperature import fit_temperature
from topwork.features.opened_backbone import open_network, read_once
from topwork.heads import LinearHead, normalise_rows, softmax
from topwork.search.rungs.rung import Asked
from topwork.search.rungs.state import SearchState
from topwork.search.rungs.tuned import FINAL, TunedRung, seconds_of_a_pass
from topwork.search.search_context import SearchContext
from topwork.trials.resolved import needed_to_train
from topwork.trials.trial import Candidate, Trial, targets_of

NAME = "an ensemble of both"


@dataclass(frozen=True, eq=False)
class Blend:
    """The mean of the logits of two models, each at its own temperature.

    Both heads are linear on vectors of unit length, so that the blend is one linear head on the
    vectors of all networks in a row.

    Parameters
    ----------
    frozen
        The best trial on frozen networks.
    trained, rung
        The best trained one, and how it is trained on all items.
    """

    frozen: Trial
    trained: Trial
    rung: TunedRung
    search_context: SearchContext

    def trial(self) -> Trial:
        """Judged where both were."""
        begun = time.monotonic()
        rows = self.frozen.judged_rows & self.trained.judged_rows
        shares = [self._share(trial, rows) for trial in (self.frozen, self.trained)]
        logits = shares[0] * self.frozen.head.logits_oof + shares[1] * self.trained.head.logits_oof
        head = replace(
            self.frozen.head,
            logits_oof=logits,
            probabilities_oof=softmax(logits),
            seen=self.frozen.head.seen & self.trained.head.seen,
        )
        assert self.trained.features_by_fold is not None
        trial = Trial(
            Candidate(NAME, self.frozen.candidate.backbone, strategy="blend"),
            self.frozen.frozen,
            (head,),
            time.monotonic() - begun,
            features_by_fold=_Rows(self._vectors(), self.trained.features_by_fold),
            judged_on=None if rows.all() else rows,
        )
        return replace(trial, finish=BlendFinisher(self, shares))

    def seconds_to_finish(self) -> float:
        """The training on all items, and a pass through all networks."""
        return self.rung.seconds_to_finish() + seconds_of_a_pass(self.frozen)

    def _vectors(self) -> NDArray[np.float32]:
        """Of the frozen networks, each of length 1."""
        features, name = self.frozen.frozen.features, self.frozen.frozen.opened.backbone.name
        together = SEPARATOR in name
        return np.asarray(features, np.float32) if together else normalise_rows(features)

    @staticmethod
    def _share(trial: Trial, rows: NDArray[np.bool_]) -> np.float32:
        """Half of what brings its logits to its temperature."""
        codes = targets_of(trial.frozen).codes[rows]
        found = fit_temperature(trial.head.logits_oof[rows], codes, seen=trial.head.seen[rows])
        return np.float32(0.5 / found.value)

    def finished(self, judged: Trial, shares: list[np.float32]) -> Trial:
        """The one head on all networks, the last of them trained on all items."""
        begun = time.monotonic()
        opened_frozen = self.frozen.frozen.opened
        backbone = beside(opened_frozen.backbone, self.rung.backbone())
        opened = open_network(backbone, self.search_context.run.settings, keep=False)
        progress = self.search_context.run.steps("Features of the blend")
        read = read_once(self.search_context.data, opened.request, max_bad=1.0, progress=progress)
        part = replace(opened.part(self.search_context.data, read), data=self.search_context.data)
        heads = (self.frozen.head.linear, self.rung.fit(FINAL).head)
        linear = _joined(heads, shares, opened_frozen.backbone.name)
        took = judged.seconds + self.trained.seconds + time.monotonic() - begun
        return replace(
            judged,
            candidate=replace(judged.candidate, backbone=backbone.name),
            frozen=part,
            heads=(replace(judged.head, linear=linear),),
            seconds=took,
            finish=None,
        )


@dataclass(frozen=True, eq=False)
class BlendFinisher:
    """Makes the blend on all items.

    Parameters
    ----------
    shares
        Of the frozen model and of the trained one in the logits.
    """

    blend: Blend
    shares: list[np.float32]

    def finished(self, judged: Trial) -> Trial:
        return self.blend.finished(judged, self.shares)


@dataclass(frozen=True, slots=True)
class BlendRung:
    """The best trained network beside the best frozen ones."""

    name: str = NAME
    direction: str = "blending"
    modality: str = "image"

    @property
    def requires(self) -> tuple[str, ...]:
        return needed_to_train("blend", self.modality)

    def available(self, asked: Asked) -> bool:
        return asked.wants() and asked.modality == self.modality and asked.plain_backbone

    def rival(self, state: SearchState) -> Trial:
        return state.best

    def estimate(self, state: SearchState) -> float:
        return self._blend(state).seconds_to_finish() if state.trained else 0.0

    def run(self, state: SearchState) -> Trial | str:
        if not state.trained:
            return "nothing was trained on all folds"
        return replace(self._blend(state).trial(), above=True)

    def _blend(self, state: SearchState) -> Blend:
        trained, rung = max(state.trained, key=lambda pair: _accuracy(pair[0]))
        return Blend(state.best_frozen, trained, rung, state.search_context)


def _accuracy(trial: Trial) -> float:
    return float(np.mean(trial.right[:, trial.judged_rows]))


def _joined(
    heads: tuple[LinearHead, LinearHead], shares: list[np.float32], name: str
) -> LinearHead:
    """One head on the vectors of all networks in a row.

    A row of p vectors of length 1 has the length √p, by which a head divides; each of the two had
    been fitted behind its own.
    """
    p = len(networks_in(name))
    scales = (shares[0] * np.sqrt((p + 1) / p), shares[1] * np.sqrt(p + 1))
    weight = np.concatenate([h.weight * s for h, s in zip(heads, scales, strict=True)])
    bias = sum(h.bias * s for h, s in zip(heads, shares, strict=True))
    return LinearHead(weight.astype(np.float32), np.asarray(bias, np.float32))


class _Rows(Mapping[int, NDArray[np.float32]]):
    """The vectors of all networks in a row, put together when they are asked for."""

    def __init__(
        self, frozen: NDArray[np.floating], by_fold: Mapping[int, NDArray[np.float32]]
    ) -> None:
        self._frozen, self._by_fold = frozen, by_fold

    def __getitem__(self, fold: int) -> NDArray[np.float32]:
        return np.concatenate([self._frozen, normalise_rows(self._by_fold[fold])], axis=1)

    def __iter__(self) -> Iterator[int]:
        return iter(self._by_fold)

    def __len__(self) -> int:
        return len(self._by_fold)


BLEND = BlendRung()
