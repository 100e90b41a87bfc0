"""Seconds from a folder to a model, and how good it is: topwork against what people use.

Every way is a process of its own with nothing cached, on the same photographs, with the same
network and weights, at its own defaults. fastai's `fine_tune(1)` says what accuracy is enough.

`python -m benchmarks.time_to_accuracy`
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.caches import own_cache
from benchmarks.images import write_classes
from benchmarks.machine import bfloat16_units
from benchmarks.programs import TOPWORK
from benchmarks.record import Record
from benchmarks.timing import run, spent, tell

CLASSES, TRAIN, TEST = 101, 30, 10
MAX_SECONDS = 900.0
"""After so long a way that goes on by epochs is stopped."""

MIN_FASTAI, MIN_SCRIPT = 60.0, 4.0
FASTAI, SCRIPT, TUTORIAL = "fastai, fine_tune(1)", "torch features + scikit-learn", "torch tutorial"
OURS = "topwork fit"


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(WAYS[sys.argv[1]](Path(sys.argv[2]), float(sys.argv[3]))))
        return
    record = Record("time_to_accuracy")
    found: dict[str, tuple[float, float]] = {}
    with own_cache() as root:
        images = _split(write_classes(root / "images", CLASSES, TRAIN + TEST))
        found[OURS] = _ours(images, root)
        enough = 1.0
        for way in (FASTAI, SCRIPT, TUTORIAL):
            try:
                said = run(
                    sys.executable, "-m", "benchmarks.time_to_accuracy", way, str(images),
                    str(enough),
                )  # fmt: skip
            except RuntimeError as error:
                record.skip(f"{way}: {str(error).splitlines()[-1]}")
                continue
            facts = json.loads(said.stdout.splitlines()[-1])
            found[way] = facts["seconds"], facts["accuracy"]
            tell(f"{way}: {facts}")
            if way == FASTAI:
                enough = facts["accuracy"]
    record.skip("Keras: its ImageNet weights of this network come from its own server only")
    ours = found[OURS]
    record.table(
        f"{CLASSES} classes of {TRAIN} photographs, from the folder to the model",
        ("way", "seconds", "accuracy on other photographs", "times topwork's seconds"),
        [(way, s, a, s / ours[0]) for way, (s, a) in found.items()],
    )
    for way, least in ((FASTAI, MIN_FASTAI), (SCRIPT, MIN_SCRIPT)):
        if way in found:
            record.target(f"{way}: times as long", found[way][0] / ours[0], least=least)
            record.target(f"{way}: accuracy below topwork's by", found[way][1] - ours[1], most=0.0)
    record.write()


def _split(folder: Path) -> Path:
    """Class folders in ``train/`` and ``test/``."""
    for place in sorted(folder.iterdir()):
        files = sorted(place.iterdir())
        for split, chosen in (("train", files[:TRAIN]), ("test", files[TRAIN:])):
            (folder / split / place.name).mkdir(parents=True)
            for file in chosen:
                shutil.move(file, folder / split / place.name / file.name)
        place.rmdir()
    return folder


def _ours(images: Path, root: Path) -> tuple[float, float]:
    model = str(root / "model.topwork")
    seconds = spent(lambda: run(TOPWORK, "fit", str(images / "train"), "-o", model)).wall
    tell(f"{OURS}: {seconds:.0f} s")
    said = json.loads(run(TOPWORK, "evaluate", model, str(images / "test"), "--json").stdout)
    return seconds, said["scores"]["accuracy"]["value"]


def _fastai(images: Path, _: float) -> dict[str, Any]:
    """https://docs.fast.ai/quick_start.html"""
    begun = time.perf_counter()
    from fastai.vision.all import (
        ImageDataLoaders,
        Resize,
        aug_transforms,
        error_rate,
        get_image_files,
        vision_learner,
    )

    from benchmarks.peers import lite0_tensors

    loaders = ImageDataLoaders.from_folder(
        images / "train", valid_pct=0.2, seed=0, item_tfms=Resize(224), batch_tfms=aug_transforms()
    )
    learner = vision_learner(loaders, "tf_efficientnet_lite0", pretrained=False, metrics=error_rate)
    own = learner.model[0].model.state_dict()
    tensors = {name: tensor for name, tensor in lite0_tensors().items() if name in own}
    learner.model[0].model.load_state_dict(tensors, strict=True)
    with learner.no_bar(), learner.no_logging():
        learner.fine_tune(1)
        seconds = time.perf_counter() - begun
        files = get_image_files(images / "test")
        answers, _ = learner.get_preds(dl=learner.dls.test_dl(files))
    labels = [loaders.vocab[int(i)] for i in answers.argmax(dim=1)]
    right = [label == file.parent.name for label, file in zip(labels, files, strict=True)]
    return {"seconds": seconds, "accuracy": float(np.mean(right))}


def _script(images: Path, _: float) -> dict[str, Any]:
    begun = time.perf_counter()
    import torch
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer

    from benchmarks.peers import channels_last

    features = channels_last(torch.bfloat16 if bfloat16_units() else torch.float32)
    files = sorted((images / "train").glob("*/*"))
    labels = [file.parent.name for file in files]
    search = LogisticRegressionCV(max_iter=1000, use_legacy_attributes=False)
    head = make_pipeline(Normalizer(), search)
    head.fit(features(files), labels)
    seconds = time.perf_counter() - begun
    test = sorted((images / "test").glob("*/*"))
    found = head.score(features(test), [file.parent.name for file in test])
    return {"seconds": seconds, "accuracy": float(found)}


def _tutorial(images: Path, enough: float) -> dict[str, Any]:
    """https://docs.pytorch.org/tutorials/beginner/transfer_learning_tutorial.html, by epochs until
    it is good enough or the time is up; looking at the test images isn't counted.
    """
    begun = time.perf_counter()
    import torch
    from torch import nn
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms

    from benchmarks.peers import timm_lite0

    usual = [transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)]
    augmented = [transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), *usual]
    plain = [transforms.Resize(256), transforms.CenterCrop(224), *usual]
    train, test = (
        datasets.ImageFolder(images / split, transforms.Compose(steps))
        for split, steps in (("train", augmented), ("test", plain))
    )
    network = timm_lite0()
    model = nn.Sequential(network, nn.Linear(network.num_features, CLASSES))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, step_size=7, gamma=0.1)
    seconds, accuracy = time.perf_counter() - begun, 0.0
    while seconds < MAX_SECONDS and accuracy < enough:
        begun = time.perf_counter()
        model.train()
        for inputs, targets in DataLoader(train, batch_size=4, shuffle=True, num_workers=2):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(inputs), targets).backward()
            optimiser.step()
        schedule.step()
        seconds += time.perf_counter() - begun
        model.eval()
        with torch.inference_mode():
            right = [
                (model(inputs).argmax(dim=1) == targets).float()
                for inputs, targets in DataLoader(test, batch_size=32, num_workers=2)
            ]
        accuracy = float(torch.cat(right).mean())
        tell(f"{TUTORIAL}: {seconds:.0f} s, {accuracy:.3f}")
    return {"seconds": seconds, "accuracy": accuracy}


WAYS: dict[str, Callable[[Path, float], dict[str, Any]]] = {
    FASTAI: _fastai,
    SCRIPT: _script,
    TUTORIAL: _tutorial,
}

if __name__ == "__main__":
    main()
