"""The loop: what it learns, what it leaves alone, how it ends and goes on."""

from __future__ import annotations

import copy
import dataclasses
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.conftest import N_CLASSES, SmallTail, small_data
from topwork.errors import ParameterError, UserError
from topwork.heads import LinearHead
from topwork.training.batches import ActivationBatches
from topwork.training.checkpoint import Checkpoint
from topwork.training.head import BackboneWithHead
from topwork.training.loop import train
from topwork.training.objectives import CrossEntropy
from topwork.training.settings import LoopSettings

SETTINGS = LoopSettings(epochs=4, batch=16, learning_rate=3e-3, precision="float32")


def model(seed: int = 0) -> BackboneWithHead:
    rng = np.random.default_rng(seed)
    weight = rng.normal(size=(16, N_CLASSES)).astype(np.float32)
    return BackboneWithHead(SmallTail(seed), LinearHead(weight, np.zeros(N_CLASSES, np.float32)))


def accuracy(module: torch.nn.Module, batches: ActivationBatches) -> float:
    (batch,) = batches.epoch(np.random.default_rng(0), len(batches))
    with torch.inference_mode():
        return float((module(batch.inputs).argmax(dim=1) == batch.targets).float().mean())


def test_learns_a_few_items_by_heart() -> None:
    activations, codes = small_data(24, views=1)
    batches = ActivationBatches(activations, np.arange(24), codes)
    module = model()
    settings = dataclasses.replace(SETTINGS, epochs=80, learning_rate=1e-2, weight_decay=0.0)
    trained = train(module, CrossEntropy(), batches, settings)
    assert trained.ending == "finished"
    assert trained.position.losses[-1] < 0.5 * trained.position.losses[0]
    assert accuracy(module, batches) == 1.0


def test_statistics_of_normalisations_stay(batches) -> None:
    module = model()
    before = {k: v.clone() for k, v in module.tail.norm.named_buffers()}
    affine = module.tail.norm.weight.detach().clone()
    train(module, CrossEntropy(), batches, SETTINGS)
    for name, buffer in module.tail.norm.named_buffers():
        assert torch.equal(buffer, before[name]), name
    assert not torch.equal(module.tail.norm.weight, affine)
    assert not module.training


def test_the_same_seed_gives_the_same_weights(batches) -> None:
    first, second, other = model(), model(), model()
    state = torch.random.get_rng_state()
    train(first, CrossEntropy(mixup=0.2), batches, SETTINGS)
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.rand(7)
    train(second, CrossEntropy(mixup=0.2), batches, SETTINGS)
    train(other, CrossEntropy(mixup=0.2), batches, dataclasses.replace(SETTINGS, seed=1))
    for name, value in first.state_dict().items():
        torch.testing.assert_close(second.state_dict()[name], value, rtol=0, atol=1e-6)
    assert not torch.allclose(first.head.weight, other.head.weight, atol=1e-5)


class Cut(Exception):
    """Stands for a crash."""


class Stumbling:
    """Batches that break off in the middle of an epoch."""

    def __init__(self, batches: ActivationBatches, epoch: int) -> None:
        self.batches, self.left = batches, epoch

    def __len__(self) -> int:
        return len(self.batches)

    def epoch(self, rng, size):
        for i, batch in enumerate(self.batches.epoch(rng, size)):
            if self.left == 0 and i == 2:
                raise Cut
            yield batch
        self.left -= 1


@pytest.mark.parametrize("judged", [False, True])
def test_a_continued_run_equals_an_undisturbed_one(batches, tmp_path: Path, judged: bool) -> None:
    judge = (lambda m: accuracy(m, batches)) if judged else None
    objective = CrossEntropy(smoothing=0.1, mixup=0.2)
    whole = model()
    undisturbed = train(whole, objective, batches, SETTINGS, judge=judge)
    checkpoint = Checkpoint(tmp_path / "run.safetensors", purpose={"seed": 0})
    with pytest.raises(Cut):
        train(
            model(), objective, Stumbling(batches, 2), SETTINGS, judge=judge, checkpoint=checkpoint
        )
    resumed = model()
    continued = train(resumed, objective, batches, SETTINGS, judge=judge, checkpoint=checkpoint)
    assert continued.position.step == undisturbed.position.step
    assert continued.position.best_epoch == undisturbed.position.best_epoch
    np.testing.assert_allclose(continued.position.losses, undisturbed.position.losses, rtol=1e-5)
    for name, value in undisturbed.weights.items():
        torch.testing.assert_close(continued.weights[name], value, rtol=1e-5, atol=1e-6)
    again = train(model(), objective, batches, SETTINGS, judge=judge, checkpoint=checkpoint)
    assert again.position.step == undisturbed.position.step
    torch.testing.assert_close(again.weights, undisturbed.weights)


def test_a_checkpoint_of_another_purpose_is_not_continued(batches, tmp_path: Path) -> None:
    file = tmp_path / "run.safetensors"
    train(model(), CrossEntropy(), batches, SETTINGS, checkpoint=Checkpoint(file, purpose={"a": 1}))
    other = Checkpoint(file, purpose={"a": 2})
    found = train(model(), CrossEntropy(), batches, SETTINGS, checkpoint=other)
    assert found.position.seconds > 0
    assert len(found.position.losses) == SETTINGS.epochs
    other.clear()
    other.clear()
    assert not file.exists()


def test_a_checkpoint_holds_no_pickle(batches, tmp_path: Path) -> None:
    from safetensors import safe_open

    file = tmp_path / "run.safetensors"
    train(model(), CrossEntropy(), batches, SETTINGS, checkpoint=Checkpoint(file, purpose={}))
    assert [f.name for f in tmp_path.iterdir()] == ["run.safetensors"]
    with safe_open(file, framework="pt") as opened:
        assert set(opened.metadata()) == {"purpose", "standing"}
    assert file.read_bytes()[8:9] == b"{"
    assert b"PK\x03\x04" not in file.read_bytes()[:4]


_KILLED = """
import os, sys
from pathlib import Path
from tests.training.test_loop import *
import topwork.training.checkpoint as module
file = Path(sys.argv[1])
checkpoint = Checkpoint(file, purpose={"seed": 0})
if sys.argv[2] == "kill":
    class Killing(Stumbling):
        def epoch(self, rng, size):
            for i, batch in enumerate(self.batches.epoch(rng, size)):
                if self.left == 0 and i == 2:
                    os.kill(os.getpid(), 9)
                yield batch
            self.left -= 1
    activations, codes = small_data()
    batches = Killing(ActivationBatches(activations, np.arange(len(codes)), codes), 3)
    train(model(), CrossEntropy(), batches, SETTINGS, checkpoint=checkpoint)
"""


def test_kill_loses_no_finished_epoch(batches, tmp_path: Path) -> None:
    file = tmp_path / "run.safetensors"
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(file), "kill"], env=environment, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    losses: list[int] = []
    continued = train(
        model(),
        CrossEntropy(),
        batches,
        SETTINGS,
        checkpoint=Checkpoint(file, purpose={"seed": 0}),
        progress=lambda done, total: losses.append(done),
    )
    assert losses[0] == 13  # three epochs of four steps were safe
    whole = train(model(), CrossEntropy(), batches, SETTINGS)
    for name, value in whole.weights.items():
        torch.testing.assert_close(continued.weights[name], value, rtol=1e-5, atol=1e-6)


class Pressing:
    """Batches in which Ctrl-C is pressed."""

    def __init__(self, batches: ActivationBatches, presses: int) -> None:
        self.batches, self.presses, self.given = batches, presses, 0

    def __len__(self) -> int:
        return len(self.batches)

    def epoch(self, rng, size):
        for batch in self.batches.epoch(rng, size):
            self.given += 1
            yield batch
            if self.given == 6:
                for _ in range(self.presses):
                    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_ends_after_the_batch_with_the_best_so_far(batches) -> None:
    before = signal.getsignal(signal.SIGINT)
    scores = iter([0.1, 0.2])
    module = model()
    trained = train(
        module, CrossEntropy(), Pressing(batches, 1), SETTINGS, judge=lambda m: next(scores)
    )
    assert trained.ending == "interrupted"
    assert (trained.position.epoch, trained.position.step) == (1, 6)
    assert trained.position.best_epoch == 1
    unjudged = train(model(), CrossEntropy(), Pressing(batches, 1), SETTINGS)
    assert unjudged.position.step == 6
    assert not torch.equal(unjudged.weights["head.weight"], model().head.weight)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_twice_ends_at_once(batches) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        train(model(), CrossEntropy(), Pressing(batches, 2), SETTINGS)
    assert signal.getsignal(signal.SIGINT) is before


def test_trains_in_a_thread_of_its_own(batches) -> None:
    endings: list[str] = []

    def work() -> None:
        endings.append(train(model(), CrossEntropy(), batches, SETTINGS).ending)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert endings == ["finished"]


def test_never_returns_less_than_the_start(batches) -> None:
    module = model()
    start = copy.deepcopy(module.state_dict())
    scores = iter([1.0, 0.5, 0.4, 0.3, 0.2])
    patient = dataclasses.replace(SETTINGS, patience=2)
    trained = train(module, CrossEntropy(), batches, patient, judge=lambda m: next(scores))
    assert (trained.ending, trained.position.epoch) == ("patience", 2)
    assert trained.position.best_epoch == 0
    torch.testing.assert_close(dict(module.state_dict()), dict(start))


def test_keeps_to_its_time(batches) -> None:
    quick = dataclasses.replace(SETTINGS, seconds=1e-9)
    trained = train(model(), CrossEntropy(), batches, quick)
    assert (trained.ending, trained.position.step) == ("time", 0)


class Sparing(CrossEntropy):
    """Runs out of memory for more than ``most`` items."""

    most = 5
    message = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."

    def loss(self, module, batch):
        loss = super().loss(module, batch)
        if len(batch) > self.most:
            raise RuntimeError(self.message)
        return loss


def test_halves_batches_when_memory_runs_out(batches) -> None:
    roomy, sparing = model(), model()
    settings = dataclasses.replace(SETTINGS, epochs=2)
    whole = train(roomy, CrossEntropy(mixup=0.3), batches, settings)
    parts = train(sparing, Sparing(mixup=0.3), batches, settings)
    assert whole.most_at_once is None
    assert parts.most_at_once == 3  # 15, 7, 3
    for name, value in whole.weights.items():
        torch.testing.assert_close(parts.weights[name], value, rtol=1e-3, atol=1e-5)


def test_says_when_one_item_is_too_much(batches, monkeypatch) -> None:
    monkeypatch.setattr(Sparing, "most", 0)
    with pytest.raises(UserError, match="later cut") as raised:
        train(model(), Sparing(), batches, SETTINGS)
    assert raised.value.code == "out_of_memory"
    monkeypatch.setattr(Sparing, "message", "something else")
    with pytest.raises(RuntimeError, match="something else"):
        train(model(), Sparing(), batches, SETTINGS)


class Exploding(CrossEntropy):
    def loss(self, module, batch):
        return super().loss(module, batch) * float("inf")


def test_divergence_leaves_the_start(batches) -> None:
    module = model()
    trained = train(module, Exploding(), batches, SETTINGS)
    assert trained.ending == "diverged"
    torch.testing.assert_close(module.head.weight, model().head.weight)


@pytest.mark.parametrize("change", [{"epochs": 0}, {"average": 1.0}, {"warm_up": 2.0}])
def test_settings_out_of_range(change) -> None:
    with pytest.raises(ParameterError, match=next(iter(change))):
        LoopSettings(**change)
