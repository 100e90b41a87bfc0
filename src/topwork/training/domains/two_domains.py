"""The layers behind a cut trained on two domains, of which one has no labels."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from topwork.features import Activations
from topwork.heads import LinearHead
from topwork.runtime.progress import Progress, silent
from topwork.settings.choices import DomainWay
from topwork.training.batches import Batch, steps_of
from topwork.training.domains.target_statistics import normalisations, plain_views
from topwork.training.head import TorchHead
from topwork.training.loop import train
from topwork.training.settings import LoopSettings

LOOP = LoopSettings(epochs=10, learning_rate=3e-4, head_rate=10.0, weight_decay=1e-3, average=0.9)
TENT_LOOP = LoopSettings(epochs=3, learning_rate=1e-3, weight_decay=0.0, average=0.0)

_UNLABELLED = -1
_HIDDEN = 256
_MAX = 2048
"""Items of a domain in an epoch."""


class TwoDomains(nn.Module):
    """One tail with the statistics of either domain, the head, and a critic of domains.

    Parameters
    ----------
    by_source, by_target
        The tail twice, with the statistics of each domain in its normalisations. From here on they
        share their parameters.
    head
        The classes, from pooled vectors of the source.
    conditional
        Whether the critic sees what the head says beside the vectors.
    """

    def __init__(
        self, by_source: nn.Module, by_target: nn.Module, head: LinearHead, *, conditional: bool
    ) -> None:
        super().__init__()
        self.by_source, self.by_target = copy.deepcopy(by_source), copy.deepcopy(by_target)
        _share(self.by_source, self.by_target)
        d, k = head.weight.shape
        self.conditional = conditional
        self.head = _Heads(TorchHead(head), d * k if conditional else d)

    def domain(self, vectors: Tensor, logits: Tensor) -> Tensor:
        """How much each item looks like the target, ``(b,)``; its gradient turns round here.

        References
        ----------
        Ganin et al. 2016, Domain-adversarial training of neural networks, section 4; Long et al.
        2018, Conditional adversarial domain adaptation, equation 5.
        """
        seen = functional.normalize(vectors) * vectors.shape[1] ** 0.5
        if self.conditional:
            said = logits.softmax(dim=1).detach()
            seen = (said[:, :, None] * seen[:, None, :]).flatten(1)
        turned: Tensor = _Turned.apply(seen)
        answer: Tensor = self.head.critic(turned)[:, 0]
        return answer


class _Heads(nn.Module):
    """What learns fast: the classes, and the critic of domains."""

    def __init__(self, classes: TorchHead, width: int) -> None:
        super().__init__()
        self.classes = classes
        self.critic = nn.Sequential(nn.Linear(width, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, 1))


@dataclass(frozen=True)
class Unlabelled:
    """Certain answers for unlabelled items, and various ones if ``various``.

    Variety is that of the items computed at once; it doesn't average over parts of a batch.

    References
    ----------
    Certain: Wang et al. 2021, Tent: fully test-time adaptation by entropy minimization, equation 1.
    Various, too: Liang, Hu and Feng 2020, Do we really need to access the source data?, equation 3.
    """

    various: bool

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:  # noqa: ARG002
        return batch

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        assert isinstance(module, TwoDomains)
        p = module.head.classes(module.by_target(batch.inputs)).softmax(dim=1)
        loss = -(p * (p + 1e-9).log()).sum(dim=1).mean()
        if self.various:
            mean = p.mean(dim=0)
            loss = loss + (mean * (mean + 1e-9).log()).sum()
        found: Tensor = loss
        return found


@dataclass(frozen=True)
class Adversarial:
    """Right answers for labelled items, and vectors that don't tell which domain they are from.

    Parameters
    ----------
    weight
        Of the second, against the first.
    """

    weight: float = 0.3

    def prepare(self, batch: Batch, rng: np.random.Generator) -> Batch:  # noqa: ARG002
        return batch

    def loss(self, module: nn.Module, batch: Batch) -> Tensor:
        assert isinstance(module, TwoDomains)
        ours = batch.targets != _UNLABELLED
        loss = torch.zeros((), device=batch.inputs.device)
        for own, tail in ((ours, module.by_source), (~ours, module.by_target)):
            if not own.any():
                continue
            vectors = tail(batch.inputs[own])
            logits = module.head.classes(vectors)
            told = module.domain(vectors, logits)
            domain = torch.full_like(told, float(tail is module.by_target))
            share = own.float().mean()
            unsure = functional.binary_cross_entropy_with_logits(told, domain)
            loss = loss + self.weight * share * unsure
            if tail is module.by_source:
                right = functional.cross_entropy(logits, batch.targets[own])
                loss = loss + share * right
        return loss


def fit_two_domains(
    tails: tuple[nn.Module, nn.Module],
    head: LinearHead,
    source: Activations,
    codes: NDArray[np.integer],
    target: Activations,
    *,
    way: DomainWay,
    seed: int = 0,
    progress: Progress = silent,
) -> tuple[nn.Module, nn.Module] | None:
    """Both tails after training, with parameters in common; None where it diverged.

    An epoch is the larger of both domains, 2,048 items of it at most.

    Parameters
    ----------
    tails
        The layers behind the cut with the statistics of the source, and of the target; copies are
        trained.
    head
        On pooled vectors of the source.
    source, codes
        Labelled items at the cut, and their classes ``(n,)``.
    target
        Unlabelled ones.
    way
        ``tent`` trains the affine parts of normalisations alone to be certain on the target;
        ``information`` the whole tail to maximise mutual information there, both with the head
        fixed;
        ``dann`` and ``cdan`` against a critic of domains.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        module = TwoDomains(*tails, head, conditional=way == "cdan")
    adversarial = way in ("dann", "cdan")
    if not adversarial:
        module.head.requires_grad_(False)
    if way == "tent":
        _train_affine_alone(module)
    loop = TENT_LOOP if way == "tent" else LOOP
    trained = train(
        module,
        Adversarial() if adversarial else Unlabelled(various=way == "information"),
        _Batches(source if adversarial else None, codes, target),
        replace(loop, seed=seed),
        progress=progress,
    )
    if trained.ending == "interrupted":
        raise KeyboardInterrupt
    return None if trained.ending == "diverged" else (module.by_source, module.by_target)


def _share(first: nn.Module, second: nn.Module) -> None:
    """Let the second module have the parameters of the first, and keep its own statistics."""
    parts = dict(first.named_modules())
    for name, part in second.named_modules():
        for own in list(part._parameters):
            part._parameters[own] = parts[name]._parameters[own]


def _train_affine_alone(module: TwoDomains) -> None:
    wanted = {id(p) for part in normalisations(module.by_target) for p in part.parameters()}
    for parameter in module.parameters():
        parameter.requires_grad_(id(parameter) in wanted)


@dataclass(frozen=True, eq=False)
class _Batches:
    """Batches of the target, half of them from the source where it is given."""

    source: Activations | None
    codes: NDArray[np.integer]
    target: Activations

    def __len__(self) -> int:
        if self.source is None:
            return min(len(self.target), _MAX)
        return 2 * min(max(len(self.source), len(self.target)), _MAX)

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Batch]:
        steps = steps_of(len(self), size)
        theirs = _dealt(len(self.target), steps, len(self), self.source is not None, rng)
        if self.source is None:
            for rows in theirs:
                yield Batch(plain_views(self.target, rows), torch.full((len(rows),), _UNLABELLED))
            return
        ours = _dealt(len(self.source), steps, len(self), True, rng)
        for mine, others in zip(ours, theirs, strict=True):
            inputs = torch.cat([plain_views(self.source, mine), plain_views(self.target, others)])
            codes = torch.from_numpy(self.codes[mine].astype(np.int64))
            yield Batch(inputs, torch.cat([codes, torch.full((len(others),), _UNLABELLED)]))


def _dealt(
    n: int, steps: int, total: int, half: bool, rng: np.random.Generator
) -> list[NDArray[np.intp]]:
    """Positions for every step: each of n as often as it takes to fill them."""
    wanted = total // 2 if half else total
    rounds = [rng.permutation(n) for _ in range(-(-wanted // n))]
    parts = np.array_split(np.concatenate(rounds)[:wanted], steps)
    return [np.sort(part) for part in parts]


class _Turned(torch.autograd.Function):
    """The same forwards; backwards the gradient with the opposite sign."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:  # noqa: ARG004
        return values.view_as(values)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ARG004
        return -gradient
