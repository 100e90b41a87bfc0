"""The networks of Keras Applications by name: data, not code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Application:
    """A network of Keras Applications.

    Parameters
    ----------
    module
        Of ``keras.applications``; it knows how pixels are prepared.
    function
        Builds the network.
    """

    module: str
    function: str

    @property
    def name(self) -> str:
        """What the user writes after ``keras:``."""
        return self.function.lower()


# NASNet doesn't run on Keras's torch backend
_FUNCTIONS = {
    "convnext": "ConvNeXtTiny ConvNeXtSmall ConvNeXtBase ConvNeXtLarge ConvNeXtXLarge",
    "densenet": "DenseNet121 DenseNet169 DenseNet201",
    "efficientnet": " ".join(f"EfficientNetB{i}" for i in range(8)),
    "efficientnet_v2": "EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3 "
    "EfficientNetV2S EfficientNetV2M EfficientNetV2L",
    "inception_resnet_v2": "InceptionResNetV2",
    "inception_v3": "InceptionV3",
    "mobilenet": "MobileNet",
    "mobilenet_v2": "MobileNetV2",
    "mobilenet_v3": "MobileNetV3Small MobileNetV3Large",
    "resnet": "ResNet50 ResNet101 ResNet152",
    "resnet_v2": "ResNet50V2 ResNet101V2 ResNet152V2",
    "vgg16": "VGG16",
    "vgg19": "VGG19",
    "xception": "Xception",
}

APPLICATIONS: tuple[Application, ...] = tuple(
    Application(module, function)
    for module, functions in _FUNCTIONS.items()
    for function in functions.split()
)


def application(name: str) -> Application | None:
    """The network of this name, if there is one.

    Examples
    --------
    >>> application("resnet50").module
    'resnet'
    """
    return next((a for a in APPLICATIONS if a.name == name.lower()), None)
