"""Detectors of transformers: the convolutional network in them, trained on boxes, gives maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from topwork.errors import BackboneError

if TYPE_CHECKING:
    from torch import nn

_DETECTORS: Final = (
    "conditional_detr", "d_fine", "dab-detr", "deformable_detr", "detr", "rt_detr", "rt_detr_v2",
)  # fmt: skip
_MAPS_ALONE: Final = ("hgnet_v2", "rt_detr_resnet")
"""Networks that the library builds as parts of others only."""

_READ: Final = (*_MAPS_ALONE, "resnet")


def is_detector(model: Any) -> bool:
    """Whether a model finds objects by queries on maps of a convolutional network."""
    return model.config.model_type in _DETECTORS


def network_of(library: Any, detector: Any, lacking: frozenset[str]) -> nn.Module:
    """The convolutional network of a detector, with ordinary batch normalisation.

    Parameters
    ----------
    lacking
        Tensors of the detector that its weights didn't hold.

    Raises
    ------
    BackboneError
        It is another network than those that are read, or some of its weights aren't there.
    """
    encoder = getattr(detector.backbone, "conv_encoder", detector.backbone)
    own = encoder.model
    config = getattr(own, "config", None)  # networks of timm have none
    kind = getattr(config, "model_type", "timm")
    if kind not in _READ:
        raise BackboneError(
            f"{type(detector).__name__} stands on a network of type {kind}.",
            remedy=f"Choose a detector on one of {', '.join(_READ)}, such as RT-DETR or D-FINE.",
            code="no_maps",
        )
    missing = sorted(name for name in lacking if name.startswith("backbone."))
    if missing:
        raise BackboneError(
            f"The weights lack {len(missing)} tensors, for example {missing[0]}.",
            remedy="Save the whole model again with save_pretrained.",
        )
    made = built(library, own.config)
    left = made.load_state_dict(own.state_dict(), strict=False)
    assert not left.unexpected_keys
    assert all(name.endswith("num_batches_tracked") for name in left.missing_keys)
    return made


def built(library: Any, config: Any) -> nn.Module:
    """A model of a configuration, with weights at random."""
    if config.model_type not in _MAPS_ALONE:
        model: nn.Module = library.AutoModel.from_config(config, trust_remote_code=False)
        return model
    made: Any = library.AutoBackbone.from_config(config)
    made.loss_function = None  # the export looks at it, and the library then warns
    network: nn.Module = made
    return network
