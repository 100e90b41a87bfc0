"""What is said about how boxes were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from topwork.data.boxes.annotations import Annotations
from topwork.data.boxes.reasons import DROPPED, FILES, REJECTED
from topwork.data.targets.boxes import BoxTargets
from topwork.data.targets.labels import alike
from topwork.runtime.counted import counted

_WORDS = {
    "not_a_number": "without four numbers",
    "bad_line": "in lines that can't be taken apart",
    "zero_area": "without area",
    "negative_size": "of negative size",
    "outside": "outside the image",
    "no_class": "without a class",
    "unknown_class": "of an unknown class",
    "unknown_image": "of an image that is not listed",
}


def box_hints(annotations: Annotations, targets: BoxTargets, counts: Counter[str]) -> Iterator[str]:
    """Sentences for the user: what was read, what was left out, what may be meant otherwise."""
    reasons = Counter(issue.reason for issue in targets.issues)
    yield _read(annotations.form, targets, counts)
    if any(reasons[reason] for reason in ("clipped", "swapped", *REJECTED, *DROPPED)):
        yield _left_out(reasons)
    yield from annotations.notes
    yield from _about_files(targets, counts, reasons)
    yield from _about_sizes(counts, reasons)
    yield from alike(targets.labels)


def _read(form: str, targets: BoxTargets, counts: Counter[str]) -> str:
    boxes = sum(map(len, targets.images))
    without = sum(not len(boxes) for boxes in targets.images)
    ignored = sum(int(boxes.ignored.sum()) for boxes in targets.images)
    parts = [
        f"Read {counted(boxes, 'box', 'boxes')} of "
        f"{counted(len(targets.labels), 'class', 'classes')} in {counted(len(targets), 'image')} "
        f"({form})"
    ]
    if ignored:
        parts.append(f"{counted(ignored, 'box', 'boxes')} of crowds or difficult objects ignored")
    if without:
        parts.append(f"{counted(without, 'image')} without boxes taken to show no object")
    if counts["unlabelled"]:
        parts.append(f"{counted(counts['unlabelled'], 'image')} left out as not annotated")
    return f"{'; '.join(parts)}."


def _left_out(reasons: Counter[str]) -> str:
    rejected = {reason: reasons[reason] for reason in REJECTED if reasons[reason]}
    parts = []
    if rejected:
        listed = ", ".join(f"{n} {_WORDS[reason]}" for reason, n in rejected.items())
        parts.append(f"{sum(rejected.values())} rejected ({listed})")
    if reasons["clipped"]:
        parts.append(f"{reasons['clipped']} clipped to the image")
    if reasons["swapped"]:
        parts.append(f"{reasons['swapped']} with corners in another order put right")
    if reasons["duplicate"]:
        parts.append(f"{reasons['duplicate']} dropped as exact duplicates")
    return f"Of the boxes as written, {', '.join(parts)}."


def _about_files(targets: BoxTargets, counts: Counter[str], reasons: Counter[str]) -> Iterator[str]:
    first = {issue.reason: issue for issue in reversed(targets.issues) if issue.reason in FILES}
    if reasons["missing_image"]:
        yield (
            f"{counted(reasons['missing_image'], 'annotated image')} not found, such as "
            f"{first['missing_image'].path} ({first['missing_image'].detail})."
        )
    if reasons["bad_file"]:
        bad = first["bad_file"]
        yield (
            f"{counted(reasons['bad_file'], 'annotation file')} could not be read, such as "
            f"{bad.path}: {bad.detail}."
        )
    if reasons["bad_entry"]:
        bad = first["bad_entry"]
        yield (
            f"{counted(reasons['bad_entry'], 'entry', 'entries')} of images or classes could not "
            f"be used, such as in {bad.path}: {bad.detail}."
        )
    if counts["second_file"]:
        files = counted(counts["second_file"], "annotation file")
        yield f"{files} left out: there is another one for the same image."
    if counts["no_box"]:
        yield f"{counted(counts['no_box'], 'mark')} other than boxes and polygons left out."
    if counts["for_training"]:
        yield (
            f"{counted(counts['for_training'], 'annotated image')} in no split read as training "
            "images, because others are for a test."
        )
    if counts["no_split"]:
        yield (
            f"{counted(counts['no_split'], 'annotated image')} left out, because they are in no "
            "split while others are."
        )
    if counts["polygon"]:
        yield f"{counted(counts['polygon'], 'polygon')} read as the boxes around them."


def _about_sizes(counts: Counter[str], reasons: Counter[str]) -> Iterator[str]:
    if counts["turned"]:
        yield (
            f"The boxes of {counted(counts['turned'], 'image')} were turned with their image, "
            "whose annotation says the size before the camera's orientation is applied."
        )
    if counts["either_way_up"]:
        yield (
            f"Of {counted(counts['either_way_up'], 'image')} with a camera's orientation the "
            "annotations don't tell which way up boxes were drawn; they were taken as drawn on the "
            "upright image."
        )
    if reasons["scaled"]:
        yield (
            f"The boxes of {counted(reasons['scaled'], 'image')} were scaled, because their "
            "annotation says another size of the same shape."
        )
    if reasons["other_size"]:
        yield (
            f"The boxes of {counted(reasons['other_size'], 'image')} were taken as they are "
            "written, though their annotation says another size than the image has."
        )
    if counts["one_based"]:
        yield (
            "Coordinates seem to be counted from 1 (none is 0, and some are the width or the "
            "height of the image); they were taken as they are written."
        )
