"""The one list of rungs: what can be tried above the probe on a backbone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from topwork.backbones.multi_layer import DEPTHS, with_layers
from topwork.data import ModalityName
from topwork.installation import extra_with, missing
from topwork.search.rungs.blend import NAME as BLEND
from topwork.search.rungs.inputs import Pictures, TrainingInputs
from topwork.search.rungs.partial import NAME as PARTIAL
from topwork.search.rungs.texts import LateTexts, Texts
from topwork.search.rungs.whole import FULL, LORA, PAIRS
from topwork.settings.choices import Strategy
from topwork.trials.resolved import needed_to_train
from topwork.trials.trial import Candidate, Trial

PACKAGED_CONCATENATED = "+".join(f"packaged:efficientnet_lite{i}" for i in range(3))
DEEPER, WIDER = "several depths", "wider features"
TRAINING, ADAPTING, BLENDING = "training", "adapting", "blending"
COMPARING, TRAINING_LESS = "comparing", "training less"
LEARNING_MORE = "learning from more"


@dataclass(frozen=True, slots=True)
class Rung:
    """A way to make a better model, in one of several directions.

    Parameters
    ----------
    direction
        Rungs of one direction build on each other: where one doesn't pay, the later ones of its
        direction are left out.
    start
        The strategy whose training it goes on from, where that was tried.
    """

    candidate: Candidate
    direction: str
    start: Strategy = "probe"


def rungs_above(backbone: str, kind: str = "image") -> list[Rung]:
    """What can be tried above the probe on a backbone, from cheap to dear.

    ``backbone`` is as the user named it. Beside weights from a file there are no wider features:
    other networks would not have them.
    """
    if "+" in backbone or DEPTHS in backbone or backbone.rpartition(":")[2] == "pixels":
        return []
    return SEARCHED[kind].rungs(backbone)


def _for_texts(backbone: str) -> list[Rung]:
    """From what pays most for its time: the last blocks gain as much as all of them."""
    ways: list[tuple[str, Strategy, str]] = [
        (PAIRS, "pairs", COMPARING),
        (PARTIAL, "partial", TRAINING_LESS),
        (FULL, "full", TRAINING),
        (LORA, "lora", ADAPTING),
    ]
    deeper = Rung(Candidate("several depths", with_layers(backbone)), DEEPER)
    return [deeper, *(Rung(Candidate(n, backbone, strategy=how), way) for n, how, way in ways)]


def _for_pictures(backbone: str) -> list[Rung]:
    trained = [
        Rung(Candidate(PARTIAL, backbone, strategy="partial"), TRAINING),
        Rung(Candidate(LORA, backbone, strategy="lora"), ADAPTING),
        Rung(Candidate(FULL, backbone, strategy="full"), TRAINING, start="partial"),
        Rung(Candidate(BLEND, backbone, strategy="blend"), BLENDING),
    ]
    return trained if "@" in backbone else [*_wider_than(backbone), *trained]


def _wider_than(backbone: str) -> list[Rung]:
    """Rungs on frozen networks."""
    names = [(f"{backbone}+depths+mirrored", "several depths and mirrored views")]
    if backbone.rpartition(":")[2] in {
        p.rpartition(":")[2] for p in PACKAGED_CONCATENATED.split("+")
    }:
        names = [
            (f"{PACKAGED_CONCATENATED}+depths", "three networks at several depths"),
            (f"{PACKAGED_CONCATENATED}+depths+mirrored", "three networks and mirrored views"),
        ]
    return [
        Rung(Candidate("several depths", f"{backbone}+depths"), DEEPER),
        *(Rung(Candidate(name, full), WIDER) for full, name in names),
    ]


def _text_inputs(first: Trial, strategy: Strategy) -> TrainingInputs:
    return LateTexts(first) if strategy == "partial" else Texts(first)


@dataclass(frozen=True, slots=True)
class Searched:
    """What is tried above the probe on items of a modality.

    Parameters
    ----------
    rungs
        Of a backbone as the user named it, from cheap to dear.
    inputs
        How items reach a network that is trained from its inputs on.
    views
        Whether the last layers are trained from stored views of the items.
    """

    rungs: Callable[[str], list[Rung]]
    inputs: Callable[[Trial, Strategy], TrainingInputs]
    views: bool


SEARCHED: Final[dict[ModalityName, Searched]] = {
    "image": Searched(_for_pictures, lambda first, _: Pictures(first), views=True),
    "text": Searched(_for_texts, _text_inputs, views=False),
}


def without_packages(rungs: Sequence[Rung], kind: str) -> dict[str, str]:
    """The reasons why rungs cannot be tried, by the names of these rungs.

    Parameters
    ----------
    kind
        Of the items.
    """
    absent = {r.candidate.name: missing(_needed(r, kind)) for r in rungs}
    return {name: _reason(packages) for name, packages in absent.items() if packages}


def _needed(rung: Rung, kind: str) -> tuple[str, ...]:
    strategy = rung.candidate.strategy
    return () if strategy == "probe" else needed_to_train(strategy, kind)


def _reason(packages: tuple[str, ...]) -> str:
    return f"training layers needs the extra {extra_with(packages)}, which is not installed"
