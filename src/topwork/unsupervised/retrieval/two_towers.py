"""Networks with a tower for images and one for texts, whose features can be compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import InputSpec
from topwork.backbones.engines.engine import BATCH, Features, Inputs, Tag
from topwork.backbones.sources.hub import hub
from topwork.backbones.sources.processor import input_of
from topwork.backbones.sources.transformers_library import quiet, readable, transformers
from topwork.backbones.towers.text_tower import EXAMPLE, TextTower, vectors_of
from topwork.data import DECODER_VERSION
from topwork.errors import BackboneError
from topwork.features import FeatureRequest, Fingerprint, open_store
from topwork.features.opened_backbone import framing_of_input
from topwork.settings.choices import Geometry


class TwoTowers:
    """A network of the CLIP or SigLIP kind, from the Hugging Face hub or a folder.

    Parameters
    ----------
    place
        A name on the hub, or a folder that ``save_pretrained`` wrote: ``config.json``,
        ``preprocessor_config.json``, a tokenizer and ``*.safetensors``.

    Raises
    ------
    BackboneError
        It can't be loaded, or gives no features of texts and images alike.
    """

    name: str
    spec: InputSpec

    def __init__(self, place: str | Path) -> None:
        library = transformers()
        self.name = f"towers:{place}"
        how = {"trust_remote_code": False}
        with quiet(library), readable(str(place)), hub():
            model = library.AutoModel.from_pretrained(place, use_safetensors=True, **how)
            if not (hasattr(model, "get_text_features") and hasattr(model, "get_image_features")):
                raise BackboneError(
                    f"{place} is a {type(model).__name__}, which has no tower for texts beside one "
                    "for images.",
                    remedy=f"Choose a network of the CLIP or SigLIP kind, such as {EXAMPLE}.",
                    code="no_towers",
                )
            self.spec = input_of(library.AutoImageProcessor.from_pretrained(place, **how))
            tokenizer = library.AutoTokenizer.from_pretrained(place, **how)
        self._model = model.eval()
        self._texts = TextTower(self._model, tokenizer)

    def text(self, query: str) -> NDArray[np.float32]:
        """The features (d,) of a text."""
        vector: NDArray[np.float32] = self._texts.vectors([query])[0]
        return vector

    def images(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The features (b, d) of images (b, h, w, 3)."""
        import torch

        mean, std = np.array(self.spec.mean, np.float32), np.array(self.spec.std, np.float32)
        scaled = (pixels.astype(np.float32) / 255 - mean) / std
        values = torch.from_numpy(np.ascontiguousarray(scaled.transpose(0, 3, 1, 2)))
        with torch.inference_mode():
            return vectors_of(self._model.get_image_features(pixel_values=values))

    def request(self, cache: Path | None, geometry: Geometry) -> FeatureRequest:
        """How images are prepared, by what they are run, and where their features are kept."""
        framing = framing_of_input(self.spec, geometry)
        how = {**asdict(framing), "mean": self.spec.mean, "std": self.spec.std}
        key = Fingerprint(
            backbone=self.name,
            weights=_digest(self._model),
            cut="tower",
            preprocessing=tuple(sorted({**how, "decoder": DECODER_VERSION}.items())),
            engine="torch",
            precision="float32",
        )
        return FeatureRequest(framing, _TowerEngine(self), open_store(cache, key))


class _TowerEngine:
    """Runs the tower for images; an engine, so that reading, keys and the store are the usual."""

    name, precision, batch = "torch", "float32", BATCH

    def __init__(self, towers: TwoTowers) -> None:
        self._towers = towers

    def run(self, batches: Iterable[tuple[Tag, Inputs]]) -> Iterator[tuple[Tag, list[Features]]]:
        for tag, inputs in batches:
            yield tag, [self._towers.images(inputs)]


def _digest(model: Any) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.float().numpy().tobytes())
    return digest.hexdigest()
