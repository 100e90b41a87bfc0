"""A data set out of what annotation files say and of the images that they are about."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from topwork.data.boxes.annotations import AnnotatedImage, Annotations
from topwork.data.boxes.placing import PlacedBoxes, place_boxes
from topwork.data.boxes.sentences import box_hints
from topwork.data.dataset import Dataset
from topwork.data.folders.splits import Split, part_read, requested_parts
from topwork.data.images.stored_size import StoredSize, stored_size
from topwork.data.item import Item
from topwork.data.targets.boxes import BoxIssue, BoxTargets, ImageBoxes
from topwork.errors import BadItem, DataError


@dataclass(frozen=True, slots=True)
class BoxSource:
    """Where annotations came from.

    Parameters
    ----------
    name
        For people.
    parts
        The split of each annotated image that has one.
    unlabelled
        The images that are there and not annotated, with the split of each; empty for none.
    ignored
        What else lies there: counts by extension or description.
    """

    name: str
    parts: Mapping[str, str]
    unlabelled: Mapping[str, str]
    ignored: Mapping[str, int]


def dataset_of(annotations: Annotations, source: BoxSource, *, split: Split) -> Dataset:
    """The annotated images of a split with their boxes; only their headers are read.

    Raises
    ------
    topwork.errors.DataError
        If no annotated image is there, or none of the split.
    """
    if not annotations.images:
        raise _nothing(annotations, source.name)
    parts = _parts(annotations, source)
    wanted, chosen = _chosen(annotations, parts, source.name, split)
    counts = Counter(annotations.counts)
    one_based = _OneBased()
    placed = []
    for image in chosen:
        size = _size(image.path)
        placed.append(place_boxes(image, size, counts))
        one_based.see(image, size)
    about_files = [i for part, i in annotations.issues if not (part and wanted) or part in wanted]
    issues = (*about_files, *(issue for boxes in placed for issue in boxes.issues))
    targets = _targets(placed, issues)
    unlabelled = [
        p for p, part in source.unlabelled.items() if not (part and wanted) or part in wanted
    ]
    counts["one_based"] = annotations.form == "Pascal VOC" and one_based.proven
    counts["unlabelled"] = len(unlabelled)
    counts["for_training"] = len(parts) - len(source.parts)
    counts["no_split"] = (len(annotations.images) - len(parts)) if wanted else 0
    return Dataset(
        items=[Item(image.path, Path(image.path)) for image in chosen],
        targets=targets,
        groups=_groups(chosen),
        split=part_read(wanted),
        ignored=dict(source.ignored),
        hints=tuple(box_hints(annotations, targets, counts)),
        source=source.name,
    )


def _parts(annotations: Annotations, source: BoxSource) -> Mapping[str, str]:
    """The split of each image; where a test alone is named, the others are for training."""
    if set(source.parts.values()) != {"test"}:
        return source.parts
    return {**dict.fromkeys(annotations.images, "train"), **source.parts}


def _chosen(
    annotations: Annotations, parts: Mapping[str, str], source: str, split: Split
) -> tuple[Collection[str], list[AnnotatedImage]]:
    """The images of the split that was asked for, in byte order.

    Splits count where every image has one, or where both are there.
    """
    images = sorted(annotations.images.values(), key=lambda image: os.fsencode(image.path))
    present = set(parts.values())
    if len(parts) < len(images) and present != {"train", "test"}:
        present = set()
    wanted = requested_parts(split, present, source=source)
    if not present:
        return wanted, images
    return wanted, [image for image in images if parts.get(image.path) in wanted]


def _size(path: str) -> StoredSize | None:
    try:
        return stored_size(Path(path))
    except BadItem:  # decoding will say what is wrong with it
        return None


def _targets(placed: Sequence[PlacedBoxes], issues: Sequence[BoxIssue]) -> BoxTargets:
    labels = tuple(sorted({label for boxes in placed for label in boxes.labels}))
    position = {label: code for code, label in enumerate(labels)}
    images = tuple(
        ImageBoxes(
            boxes.corners,
            np.array([position[label] for label in boxes.labels], np.int64),
            boxes.ignored,
        )
        for boxes in placed
    )
    return BoxTargets(labels, images, tuple(issues))


def _groups(images: Sequence[AnnotatedImage]) -> np.ndarray | None:
    if not any(image.group for image in images):
        return None
    return np.array([image.group or image.path for image in images])


@dataclass(slots=True)
class _OneBased:
    """Whether coordinates show that pixels were counted from 1: none is 0, some are the width."""

    least: float = np.inf
    reaches_end: bool = False

    def see(self, image: AnnotatedImage, size: StoredSize | None) -> None:
        if size is None or not image.corners:
            return
        corners = np.array(image.corners)
        self.least = min(self.least, corners.min())
        width, height = image.size or size.upright
        self.reaches_end |= bool((corners[:, 2:] == (width, height)).any())

    @property
    def proven(self) -> bool:
        return self.least == 1 and self.reaches_end


def _nothing(annotations: Annotations, name: str) -> DataError:
    issues = [issue for _, issue in annotations.issues]
    missing = [issue for issue in issues if issue.reason == "missing_image"]
    if missing:
        return DataError(
            f"None of the {len(missing)} images that the annotations in {name} name is there, such "
            f"as {missing[0].path}.",
            remedy="Give the folder that holds both the images and their annotations.",
        )
    bad = next(iter(issues), None)
    why = f" The first reason: {bad.path}: {bad.detail}." if bad else ""
    return DataError(
        f"{name} holds no annotation of an image that can be read.{why}",
        remedy="Give images with COCO, Pascal VOC or YOLO files, or a table with the columns path, "
        "x1, y1, x2, y2 and label.",
    )
