"""Whole detectors of transformers: boxes from queries, with the loss that they bring."""

from __future__ import annotations

import copy
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from topwork.backbones.inputs import InputSpec
from topwork.backbones.model_folder import check_folder
from topwork.backbones.resized import split_size
from topwork.backbones.sources.hub import hub
from topwork.backbones.sources.processor import input_of
from topwork.backbones.sources.transformers_library import quiet, readable, transformers
from topwork.errors import BackboneError
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from torch import nn

_PREFIX = "transformers:"
_FIXED_SIZES = ("anchor_image_size", "eval_size")
"""Of a configuration: what is computed once for one input size, where it isn't None."""

FINE_TUNED: Final = frozenset(
    {
        "conditional_detr", "d_fine", "dab-detr", "deformable_detr", "detr", "lw_detr", "rf_detr",
        "rt_detr", "rt_detr_v2", "table-transformer", "yolos",
    }
)  # fmt: skip
"""Types of models that are known to train, and whose compiled graphs give the same boxes."""


@dataclass(frozen=True, slots=True)
class QueryDetector:
    """A pretrained detector that gives a box and scores for each of its queries.

    Parameters
    ----------
    name
        ``transformers:NAME``, without a folder.
    place
        The folder, or the name on the hub.
    local
        Whether it is a folder.
    spec
        How it sees images; any size will do.
    """

    name: str
    place: str
    local: bool
    spec: InputSpec

    def load(self, n_classes: int) -> nn.Module:
        """The detector with a new class layer, at random; evaluation mode.

        Raises
        ------
        BackboneError
            It can't be loaded, or its weights lack more than the class layer, or have other shapes
            than its configuration says.
        """
        library, config = transformers(), _config(self.place, local=self.local)
        for name in _FIXED_SIZES:
            if hasattr(config, name):
                setattr(config, name, None)
        parts: tuple[Any, ...] = (config, getattr(config, "backbone_config", None))
        for part in parts:
            if hasattr(part, "use_pretrained_backbone"):
                part.use_pretrained_backbone = False  # all tensors are in the detector's own file
        config.num_labels = n_classes
        with _from(library, self.place):
            model, report = library.AutoModelForObjectDetection.from_pretrained(
                self.place,
                config=config,
                ignore_mismatched_sizes=True,
                local_files_only=self.local,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
            classes = _class_tensors(library, config)
            mismatched = {str(key) for key, *_ in report["mismatched_keys"]}
            if not classes & mismatched:  # as many classes as it had, but other ones
                _initialise(library, model, config, classes)
        self._check({str(key) for key in report["missing_keys"]} - classes, "lack")
        self._check(mismatched - classes, "have another shape than config.json says for")
        loaded: nn.Module = model.float().eval()
        return loaded

    def _check(self, names: set[str], fault: str) -> None:
        if names:
            raise BackboneError(
                f"The weights of {self.place} {fault} {counted(len(names), 'tensor')}, for example "
                f"{min(names)}.",
                remedy="Save the whole detector again with save_pretrained.",
                code="no_weights",
            )


def _class_tensors(library: Any, config: Any) -> set[str]:
    """Names of the tensors whose shape depends on the number of classes."""
    more = copy.deepcopy(config)
    more.num_labels = config.num_labels + 1
    ours, others = (_shapes(library, one) for one in (config, more))
    return {name for name, shape in ours.items() if shape != others[name]}


def _shapes(library: Any, config: Any) -> dict[str, tuple[int, ...]]:
    import torch

    with torch.device("meta"):
        model = library.AutoModelForObjectDetection.from_config(config, trust_remote_code=False)
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def _initialise(library: Any, model: nn.Module, config: Any, names: set[str]) -> None:
    """Put random weights, as its library draws them, into some tensors of a detector."""
    new = library.AutoModelForObjectDetection.from_config(config, trust_remote_code=False)
    drawn = new.state_dict()
    model.load_state_dict({name: drawn[name] for name in names}, strict=False)


def find_query_detector(name: str) -> QueryDetector | None:
    """The detector of a backbone's name; None where that names something else.

    Raises
    ------
    BackboneError
        Its configuration can't be read, or the library isn't installed.
    """
    named, _, folder = name.partition("@")
    if not named.startswith(_PREFIX) or "+" in named or Path(folder).is_file():
        return None
    named, _ = split_size(named)
    library, place = transformers(), folder or named.removeprefix(_PREFIX)
    if folder:
        check_folder(Path(folder))
    config = _config(place, local=bool(folder))
    if config.model_type not in FINE_TUNED:
        return None
    with _from(library, place):
        processor = library.AutoImageProcessor.from_pretrained(
            place, local_files_only=bool(folder), trust_remote_code=False
        )
    return QueryDetector(named, place, bool(folder), input_of(processor))


def _config(place: str, *, local: bool) -> Any:
    library = transformers()
    with _from(library, place):
        return library.AutoConfig.from_pretrained(
            place, local_files_only=local, trust_remote_code=False
        )


def _from(library: Any, place: str) -> ExitStack:
    """The library quiet, its errors as ours, and the hub asked only where it can be reached."""
    stack = ExitStack()
    for context in (quiet(library), readable(place), hub()):
        stack.enter_context(context)
    return stack
