"""Images of named colours, and two towers that meet: the one for texts is fitted to the images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.backbones.small_towers import ENDS, SIDE, save_towers
from topwork.data import read
from topwork.features.opened_backbone import open_backbone, read_once
from topwork.heads import normalise_rows
from topwork.inductive import FitSettings
from topwork.runtime.progress import silent

COLOURS = {
    "crimson": (170, 40, 60),
    "olive": (120, 130, 50),
    "teal": (30, 130, 130),
    "violet": (120, 60, 170),
    "amber": (220, 160, 40),
}
NAMES = tuple(sorted(COLOURS))


def colour_images(folder: Path) -> Path:
    """Eight noisy images of each colour."""
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (folder / name).mkdir()
        for i in range(8):
            moved = np.array(colour) + rng.normal(0, 22, 3)
            pixels = moved + rng.normal(0, 20, (SIDE, SIDE, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / name / f"{i}.png")
    return folder


def meeting_towers(kind: str, images: Path, folder: Path) -> str:
    """The name of a backbone whose last layer for texts is solved for the classes of the images."""
    import torch

    model = save_towers(kind, folder, NAMES)
    name = f"transformers:{kind.lower()}@{folder}"
    last = model.text_projection if kind == "CLIP" else model.text_model.head
    with torch.no_grad():
        last.weight.copy_(torch.eye(*last.weight.shape))
        if last.bias is not None:
            last.bias.zero_()
    model.save_pretrained(folder)
    X, codes = features_of(name, images)
    means = np.stack([X[codes == c].mean(axis=0) for c in range(len(NAMES))])
    wanted = means - means.mean(axis=0)
    if kind == "CLIP":
        P = model.visual_projection.weight.detach().numpy()
        wanted = wanted @ np.linalg.pinv(P)
    with torch.no_grad():
        hidden = _before(model, kind)
        solved = np.linalg.pinv(hidden, rcond=1e-6) @ (wanted / np.abs(wanted).max())
        last.weight.copy_(torch.from_numpy(solved.T.astype(np.float32)))
    model.save_pretrained(folder)
    return name


def features_of(backbone: str, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Rows of length 1, and their classes."""
    data, settings = read(folder), FitSettings(cache=False)
    request = open_backbone(backbone, settings).request
    found = read_once(data, request, max_bad=0.0, progress=silent)
    return normalise_rows(request.store.read(found.keys)), data.classes.codes


def _before(model, kind: str) -> np.ndarray:
    """What the last layer for texts takes of each name, (k, 16)."""
    import torch

    tokens = torch.zeros(len(NAMES), 8 if kind == "Siglip" else 1, dtype=torch.long)
    tokens[:, 0] = torch.arange(len(NAMES)) + len(ENDS)
    found: np.ndarray = model.eval().text_model(input_ids=tokens).pooler_output.double().numpy()
    return found
