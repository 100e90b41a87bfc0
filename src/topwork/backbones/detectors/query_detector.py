"""Whole detectors of transformers: boxes from queries, with the loss that they bring."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topwork.backbones.inputs import InputSpec
from topwork.backbones.model_folder import check_folder
from topwork.backbones.resized import split_size
from topwork.backbones.sources.hub import hub
from topwork.backbones.sources.processor import input_of
from topwork.backbones.sources.transformers_library import quiet, readable, transformers
from topwork.errors import BackboneError

if TYPE_CHECKING:
    from torch import nn

_PREFIX = "transformers:"
_FIXED_SIZES = ("anchor_image_size", "eval_size")
"""Of a configuration: what is computed once for one input size, where it isn't None."""


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
        """The detector with a new class layer, unless it has as many classes; evaluation mode.

        Raises
        ------
        BackboneError
            It can't be loaded, or its weights lack more than the class layer.
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
        missing = sorted(str(key) for key in report["missing_keys"])
        if missing:
            raise BackboneError(
                f"The weights of {self.place} lack {len(missing)} tensors, for example "
                f"{missing[0]}.",
                remedy="Save the whole detector again with save_pretrained.",
                code="no_weights",
            )
        loaded: nn.Module = model.float().eval()
        return loaded


def find_query_detector(name: str) -> QueryDetector | None:
    """The detector of a backbone's name; None where that names something else.

    Raises
    ------
    BackboneError
        Its configuration can't be read, or the library isn't installed.
    """
    named, _, folder = name.partition("@")
    if not named.startswith(_PREFIX) or set(named) & set("+") or Path(folder).is_file():
        return None
    named, _ = split_size(named)
    library, place = transformers(), folder or named.removeprefix(_PREFIX)
    if folder:
        check_folder(Path(folder))
    config = _config(place, local=bool(folder))
    if type(config) not in library.MODEL_FOR_OBJECT_DETECTION_MAPPING:
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
