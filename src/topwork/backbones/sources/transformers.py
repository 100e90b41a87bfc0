"""Source ``transformers``: image models of the Hugging Face hub, or of a folder in its format."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topwork.backbones.backbone import Backbone, Cuts, InputSpec, Network
from topwork.backbones.fingerprint import fingerprint
from topwork.errors import BackboneError

if TYPE_CHECKING:
    from torch import Tensor, nn

_OFFLINE = (
    "Give a folder that holds config.json, preprocessor_config.json and *.safetensors as "
    "transformers:NAME@FOLDER, or use a packaged backbone (packaged:efficientnet_lite0)."
)
_VOLATILE = ("_name_or_path", "transformers_version", "dtype", "architectures", "id2label")
_CROP_BELOW = 384
"""ConvNeXt's processor crops only where the shorter side is less than this."""


class TransformersSource:
    """ViT, DINOv2, ConvNeXt, Swin, SigLIP and others; safetensors only, never code from the hub."""

    name = "transformers"
    by_bare_name = False

    def names(self) -> list[str]:
        return []

    def find(self, name: str, weights: Path | None) -> Backbone | None:
        if weights is not None and not weights.is_dir():
            raise BackboneError(
                f"{weights.name} is not a folder.",
                remedy="Give the folder that save_pretrained wrote, with the image processor.",
            )
        place = name if weights is None else str(weights)
        model, lacking = _model(place, local=weights is not None)
        spec = _input(place, local=weights is not None)
        return Backbone(
            name=f"transformers:{name}",
            fingerprint=fingerprint(_architecture(model), model),
            input=spec,
            load=lambda: network(model, spec, lacking=lacking),
        )


def network(
    model: nn.Module, input_spec: InputSpec, *, lacking: frozenset[str] = frozenset()
) -> Network:
    """An image model of transformers; what it answers is its pooled vector.

    That is the vector that the model pools itself, or its class token, or the mean of its tokens.

    Parameters
    ----------
    lacking
        Tensors that the weights didn't hold; a pooling layer among them is left out.

    Raises
    ------
    BackboneError
        The model gives no features of images.
    """
    import torch
    from torch import nn

    pooling = _pooling_class()(model, trained_pooler=not lacking).eval()
    with torch.inference_mode():
        try:
            features = pooling(torch.zeros(2, 3, input_spec.height, input_spec.width))
        except (TypeError, ValueError, AttributeError, RuntimeError) as error:
            raise BackboneError(
                f"{type(model).__name__} gives no features of images ({error}).",
                remedy="Choose an image model, for example transformers:facebook/dinov2-small.",
            ) from error
    return Network(
        module=model,
        full=pooling,
        pooling=pooling,
        classifier=nn.Identity().eval(),
        width=int(features.shape[1]),
        size=(input_spec.height, input_spec.width),
        find_cuts=lambda size: _cuts(pooling, size),
    )


def _cuts(pooling: nn.Module, size: tuple[int, int]) -> Cuts | None:
    from topwork.backbones.cuts import find_cuts

    return find_cuts(pooling, (3, *size))


@cache
def _pooling_class() -> type[nn.Module]:
    from torch import nn

    class Pooling(nn.Module):
        """Images to one vector each."""

        def __init__(self, model: nn.Module, *, trained_pooler: bool) -> None:
            super().__init__()
            self.model = model
            self._trained_pooler = trained_pooler
            names = [name.rpartition(".")[2] for name, _ in model.named_parameters()]
            self._has_class_token = "cls_token" in names or "class_embedding" in names

        def forward(self, images: Tensor) -> Tensor:
            output: Any = self.model(pixel_values=images)
            pooled: Tensor | None = getattr(output, "pooler_output", None)
            if pooled is not None and self._trained_pooler:
                return pooled.flatten(1)
            hidden: Tensor = output.last_hidden_state
            if self._has_class_token:
                return hidden[:, 0]
            return hidden.flatten(2).mean(2) if hidden.dim() == 4 else hidden.mean(1)

    return Pooling


def _model(place: str, *, local: bool) -> tuple[nn.Module, frozenset[str]]:
    """The model, and the names of tensors that its weights don't hold."""
    library = _transformers()
    with _quiet(library), _readable(place):
        model, report = library.AutoModel.from_pretrained(
            place,
            local_files_only=local,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    lacking = frozenset(str(key) for key in report["missing_keys"])
    others = sorted(key for key in lacking if "pooler" not in key)
    if others:
        raise BackboneError(
            f"The weights of {place} lack {len(others)} tensors, for example {others[0]}.",
            remedy="Save the whole model again with save_pretrained.",
        )
    vision: nn.Module = getattr(model, "vision_model", model)
    return vision.float().eval(), lacking


def _input(place: str, *, local: bool) -> InputSpec:
    library = _transformers()
    with _quiet(library), _readable(place):
        processor = library.AutoImageProcessor.from_pretrained(
            place, local_files_only=local, trust_remote_code=False
        )
    return input_of(processor)


def input_of(processor: Any) -> InputSpec:
    """What a model expects to see, from its image processor."""
    from PIL.Image import Resampling

    height, width, shorter = _sizes(processor)
    scale = float(getattr(processor, "rescale_factor", None) or 1 / 255) * 255
    normalises = bool(getattr(processor, "do_normalize", False))
    mean = tuple(processor.image_mean) if normalises else (0.0,) * 3
    std = tuple(processor.image_std) if normalises else (1.0,) * 3
    resample = processor.resample
    return InputSpec(
        height=height,
        width=width,
        mean=(mean[0] / scale, mean[1] / scale, mean[2] / scale),
        std=(std[0] / scale, std[1] / scale, std[2] / scale),
        interpolation=Resampling(int(getattr(resample, "value", resample))).name.lower(),
        crop_fraction=min(1.0, height / shorter),
    )


def _sizes(processor: Any) -> tuple[int, int, float]:
    """Height, width, and the length of the shorter side before the crop."""
    size = dict(processor.size)
    crop = dict(getattr(processor, "crop_size", None) or {})
    edge = size.get("shortest_edge") or size.get("height")
    if not edge:
        raise BackboneError(
            f"The image processor's size {size} names no side.",
            remedy="Choose a model whose processor has a fixed size.",
        )
    if getattr(processor, "do_center_crop", False) and crop:
        return int(crop["height"]), int(crop["width"]), float(edge)
    fraction = getattr(processor, "crop_pct", None)
    shorter = edge / fraction if fraction and edge < _CROP_BELOW else edge
    return int(size.get("height") or edge), int(size.get("width") or edge), float(shorter)


def _architecture(model: nn.Module) -> str:
    config = dict(getattr(model, "config").to_dict())  # noqa: B009
    kept = {k: v for k, v in config.items() if k not in _VOLATILE}
    return type(model).__name__ + json.dumps(kept, sort_keys=True, default=str)


@cache
def _transformers() -> Any:
    # huggingface_hub reads this once, at its first import
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        import transformers
    except ImportError as error:
        raise BackboneError(
            "Backbones of transformers need a package that is not installed.",
            remedy="Run: pip install topwork[hub]",
            code="missing_extra",
        ) from error
    return transformers


@contextmanager
def _quiet(library: Any) -> Iterator[None]:
    """The library's messages and bars are not ours."""
    logging = library.utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


@contextmanager
def _readable(place: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise BackboneError(
            f"transformers:{place} could not be loaded ({type(error).__name__}: "
            f"{str(error).splitlines()[0]}).",
            remedy=_OFFLINE,
            code="weights_unreachable",
        ) from error
