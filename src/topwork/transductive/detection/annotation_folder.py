"""A folder of images to annotate, with a detector's boxes to start from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from topwork.data import Framing, Item, Modality
from topwork.errors import ParameterError
from topwork.metrics.detection.detections import Detections
from topwork.report import (
    ReportContent,
    SuggestedImage,
    Suggestions,
    Summary,
    render,
    thumbnail_data_uri,
)
from topwork.report.box_drawing import DrawnBox, class_colour, draw_boxes
from topwork.runtime import new_folder
from topwork.runtime.counted import counted

BOXES: Final = "_annotations.coco.json"
PAGE: Final = "suggestions.html"
_SIDE = 260


@dataclass(frozen=True, eq=False, slots=True)
class SuggestedBoxes:
    """n images with the boxes that a detector suggests.

    Parameters
    ----------
    kind, labels
        How images are read, and the classes of the model.
    items, sizes, detections
        The images, their widths and heights, and their boxes.
    """

    kind: Modality
    labels: Sequence[str]
    items: Sequence[Item]
    sizes: Sequence[tuple[int, int]]
    detections: Sequence[Detections]

    def write(self, folder: Path, title: str, sentences: Sequence[str]) -> None:
        """Copies of the images, the boxes as a COCO file, and a page that shows them.

        Raises
        ------
        ParameterError
            Something else lies there.
        """
        check_folder(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with new_folder(folder) as draft:
            names = [self._copy(i, draft) for i in range(len(self.items))]
            (draft / BOXES).write_text(json.dumps(self.coco(names), indent=1), "utf-8")
            page = render(self._page(names, title, sentences))
            (draft / PAGE).write_text(page, "utf-8", errors="replace")
            draft.chmod(0o755)

    def coco(self, names: Sequence[str]) -> dict[str, Any]:
        """COCO's object: images by these names, boxes as x, y, width, height with their score."""
        images, boxes = [], list[dict[str, Any]]()
        for i, (name, size, found) in enumerate(
            zip(names, self.sizes, self.detections, strict=True), start=1
        ):
            images.append({"id": i, "file_name": name, "width": size[0], "height": size[1]})
            for corners, code, score in zip(
                found.corners, found.classes, found.scores, strict=True
            ):
                x1, y1, x2, y2 = (round(float(value), 2) for value in corners)
                wide, high = round(x2 - x1, 2), round(y2 - y1, 2)
                boxes.append(
                    {
                        "id": len(boxes) + 1,
                        "image_id": i,
                        "category_id": int(code) + 1,
                        "bbox": [x1, y1, wide, high],
                        "area": round(wide * high, 2),
                        "iscrowd": 0,
                        "score": round(float(score), 4),
                    }
                )
        categories = [{"id": c, "name": label} for c, label in enumerate(self.labels, start=1)]
        note = "Suggested by a detector, not yet corrected by a person."
        return {
            "info": {"description": note},
            "images": images,
            "annotations": boxes,
            "categories": categories,
        }

    def _copy(self, i: int, folder: Path) -> str:
        """The image under a name of its own: its file as it is, or a PNG file of its pixels."""
        item = self.items[i]
        if item.path is not None and item.path.is_file():
            name = f"{i + 1:03}-{item.path.name}"
            shutil.copyfile(item.path, folder / name)
            return name
        from PIL import Image

        name, (width, height) = f"{i + 1:03}.png", self.sizes[i]
        Image.fromarray(self._pixels(i, height, width)).save(folder / name)
        return name

    def _pixels(self, i: int, height: int, width: int) -> np.ndarray:
        item = self.items[i]
        return np.asarray(self.kind.decode(self.kind.read(item), Framing(height, width)), np.uint8)

    def _page(self, names: Sequence[str], title: str, sentences: Sequence[str]) -> ReportContent:
        n = sum(len(found) for found in self.detections)
        return ReportContent(
            kind=self.kind.name,
            task="boxes",
            title=title,
            subtitle=f"{counted(len(names), 'image')} to annotate, with "
            f"{counted(n, 'suggested box', 'suggested boxes')}",
            summary=Summary(
                question="What is this?",
                how_good=" ".join(sentences),
                next_steps=(
                    f"Open {BOXES} with the images in an annotation tool that reads COCO files, "
                    "such as CVAT or Label Studio: move, delete and add boxes.",
                    "Then put the folder beside the training data, and fit again.",
                ),
            ),
            suggestions=Suggestions(
                images=tuple(
                    SuggestedImage(path=name, image=self._drawn(i), n_boxes=len(found))
                    for i, (name, found) in enumerate(zip(names, self.detections, strict=True))
                )
            ),
        )

    def _drawn(self, i: int) -> str:
        width, height = self.sizes[i]
        scale = min(1.0, _SIDE / max(width, height))
        pixels = self._pixels(i, max(1, round(height * scale)), max(1, round(width * scale)))
        found = self.detections[i]
        boxes = [
            DrawnBox(
                [float(value) * scale for value in corners],
                class_colour(int(code)),
                f"{self.labels[code]} {score:.2f}",
            )
            for corners, code, score in zip(found.corners, found.classes, found.scores, strict=True)
        ]
        return thumbnail_data_uri(draw_boxes(pixels, boxes[::-1]), _SIDE)


def check_folder(folder: Path) -> None:
    """Refuse to replace what somebody may have worked on.

    Raises
    ------
    ParameterError
        Something lies there.
    """
    if folder.exists():
        raise ParameterError(
            f"{folder} exists, and its boxes may have been corrected, so it is left as it is.",
            remedy="Name another folder with --out, or move this one away.",
            code="would_overwrite",
        )
