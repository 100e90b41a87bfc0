"""Source ``timm``: any image model of timm that has pooled features."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topwork.backbones.backbone import Backbone, Cuts, Network
from topwork.backbones.fingerprint import fingerprint
from topwork.backbones.inputs import InputSpec
from topwork.backbones.sources.hub import hub, without_telemetry
from topwork.errors import BackboneError
from topwork.installation import missing, require

if TYPE_CHECKING:
    from torch import Tensor, nn

_OFFLINE = (
    "Without a network use a packaged backbone (packaged:efficientnet_lite0, "
    "packaged:efficientnet_lite1, packaged:efficientnet_lite2) "
    "or local weights (timm:NAME@FILE)."
)


class TimmSource:
    """ResNet, Inception, MobileNet, ConvNeXt, ViT, DINOv2 and some thousand more, by name."""

    name = "timm"
    by_bare_name = True

    def names(self) -> list[str]:
        return [] if missing(("torch", "timm")) else list(_timm().list_models())

    def has(self, name: str) -> bool:
        """Whether timm knows an architecture of this name, pretrained tag aside."""
        return bool(_timm().is_model(name.partition(".")[0]))

    def find(self, name: str, weights: Path | None) -> Backbone | None:
        if not self.has(name):
            return None
        if weights is not None:
            return self.local(f"timm:{name}", name, weights)
        model = _pretrained(name)
        handle = _handle(f"timm:{name}", name, model, model_input(model))
        return replace(handle, licence=_licence(model))

    def local(
        self, label: str, name: str, weights: Path, *, input_spec: InputSpec | None = None
    ) -> Backbone:
        """A network of timm with tensors from a file of the user's, never a pickled object."""
        tensors = _read_tensors(weights)
        model = build(name, n_classes=_n_classes(name, tensors))
        _load_tensors(model, tensors, weights)
        return _handle(label, name, model, input_spec or model_input(model))


def build(architecture: str, *, n_classes: int) -> nn.Module:
    """An untrained timm network."""
    model: nn.Module = _timm().create_model(architecture, pretrained=False, num_classes=n_classes)
    return model.eval()


def network(model: nn.Module, input_spec: InputSpec) -> Network:
    """A timm model, cut where its own classifier begins.

    Where the classifier doesn't work on the pooled vector (it sees two tokens, or maps), the
    network is taken without it: then what it answers is the pooled vector itself.

    Raises
    ------
    BackboneError
        The model gives no pooled vector.
    """
    import torch

    pooling = _pooled(model)
    shape = (2, 3, input_spec.height, input_spec.width)
    probe = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        features = pooling(probe)
        if features.ndim != 2:
            raise BackboneError(
                f"{type(model).__name__} gives features of shape {tuple(features.shape[1:])}, "
                "not a pooled vector.",
                remedy="Choose a backbone that pools, for example timm:resnet50.",
            )
        classifier = _own_classifier(model, features, model(probe))
    return Network(
        module=model,
        full=pooling if classifier is None else model,
        pooling=pooling,
        classifier=torch.nn.Identity().eval() if classifier is None else classifier,
        width=int(features.shape[1]),
        size=(input_spec.height, input_spec.width),
        find_cuts=partial(_cuts, pooling),
    )


def _cuts(pooling: nn.Module, size: tuple[int, int]) -> Cuts | None:
    from topwork.backbones.cuts import find_cuts

    return find_cuts(pooling, (3, *size), opaque=tuple(_timm().models.get_notrace_functions()))


def _own_classifier(model: nn.Module, features: Tensor, answer: Any) -> nn.Module | None:
    """The model's classifier as a function of the pooled vector, if it is one."""
    import torch

    classifier = _classifier(model)
    try:
        same = torch.allclose(classifier(features), answer, rtol=1e-3, atol=1e-5)
    except (RuntimeError, IndexError, TypeError, NotImplementedError, AttributeError):
        return None
    return classifier if same else None


def _handle(label: str, name: str, model: nn.Module, input_spec: InputSpec) -> Backbone:
    return Backbone(
        name=label,
        fingerprint=fingerprint(name.partition(".")[0], model),
        input=input_spec,
        load=partial(_copied, model, input_spec),
    )


def _copied(model: nn.Module, input_spec: InputSpec) -> Network:
    return network(deepcopy(model), input_spec)


@cache
def _modules() -> tuple[type[nn.Module], type[nn.Module]]:
    from torch import nn

    class Pooled(nn.Module):
        """Images to the vector that the classifier sees."""

        def __init__(self, model: nn.Module) -> None:
            super().__init__()
            self.model = model

        def forward(self, images: Tensor) -> Tensor:
            timm_model: Any = self.model
            maps = timm_model.forward_features(images)
            pooled: Tensor = timm_model.forward_head(maps, pre_logits=True)
            return pooled

    class Classifier(nn.Module):
        """That vector to the network's own answer."""

        def __init__(self, model: nn.Module) -> None:
            super().__init__()
            timm_model: Any = model
            classifier = timm_model.get_classifier()
            self.heads = nn.ModuleList(
                classifier if isinstance(classifier, tuple | list) else [classifier]
            )

        def forward(self, features: Tensor) -> Tensor:
            answers = [self._answer(head, features) for head in self.heads]
            return sum(answers[1:], start=answers[0]) / len(answers)

        @staticmethod
        def _answer(head: nn.Module, features: Tensor) -> Tensor:
            if isinstance(head, nn.Conv2d):  # a linear layer in disguise
                answer: Tensor = head(features[:, :, None, None]).flatten(1)
            else:
                answer = head(features)
            return answer

    return Pooled, Classifier


def _pooled(model: nn.Module) -> nn.Module:
    return _modules()[0](model).eval()


def _classifier(model: nn.Module) -> nn.Module:
    return _modules()[1](model).eval()


def _timm() -> Any:
    require("A network of timm", ("torch", "timm"))
    without_telemetry()
    import timm

    return timm


def _pretrained(name: str) -> nn.Module:
    try:
        with hub():
            model: nn.Module = _timm().create_model(name, pretrained=True)
    except Exception as error:
        raise BackboneError(
            f"The weights of timm:{name} could not be loaded ({type(error).__name__}).",
            remedy=_OFFLINE,
            code="weights_unreachable",
        ) from error
    return model.eval()


def model_input(model: nn.Module) -> InputSpec:
    """What a timm model expects to see, from its own configuration."""
    config = _timm().data.resolve_data_config({}, model=model)
    _, height, width = config["input_size"]
    return InputSpec(
        height=int(height),
        width=int(width),
        mean=_triple(config["mean"]),
        std=_triple(config["std"]),
        interpolation=str(config["interpolation"]),
        crop_fraction=float(config["crop_pct"]),
    )


def _triple(values: Any) -> tuple[float, float, float]:
    red, green, blue = (float(v) for v in values)
    return red, green, blue


def _licence(model: Any) -> str | None:
    """As timm notes it for these weights."""
    noted = (model.pretrained_cfg or {}).get("license")
    return str(noted) if noted else None


def _read_tensors(weights: Path) -> dict[str, Any]:
    from timm.models import load_state_dict

    try:
        return dict(load_state_dict(str(weights), use_ema=False, weights_only=True))
    except Exception as error:
        raise BackboneError(
            f"{weights.name} does not hold plain tensors ({type(error).__name__}).",
            remedy="Save the weights with safetensors, or torch.save(model.state_dict(), ...).",
        ) from error


def _classifier_name(name: str) -> str:
    names = _timm().get_pretrained_cfg_value(name, "classifier") or ""
    return str(names[0] if isinstance(names, tuple | list) else names)


def _n_classes(name: str, tensors: dict[str, Any]) -> int:
    weight = tensors.get(f"{_classifier_name(name)}.weight")
    return 0 if weight is None else int(weight.shape[0])


def _load_tensors(model: nn.Module, tensors: dict[str, Any], weights: Path) -> None:
    try:
        model.load_state_dict(tensors, strict=True)
    except RuntimeError as error:
        lines = str(error).splitlines()
        raise BackboneError(
            f"The tensors in {weights.name} are not those of this network: {lines[-1].strip()}",
            remedy="Name the architecture that the file was saved from.",
        ) from error
