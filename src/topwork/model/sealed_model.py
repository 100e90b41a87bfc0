"""What fitted models of every task have in common: parts, a sealed folder, mostly an engine."""

from __future__ import annotations

import hashlib
import tempfile
import threading
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines import Engine, OpenVINOEngine
from topwork.data import UNDECIDED, Item, Modality, Rejected, expanded_items, read_items
from topwork.errors import BadItemsError
from topwork.features import Reading
from topwork.features.remarks import ReadingWarning, RemarkRecord, remark_records
from topwork.model.card import NetworkCard, SealedCard, kind_of
from topwork.model.parts import NetworkParts, SealedParts
from topwork.model.short_repr import ShortRepr
from topwork.model.storage.bundle import read_bundle
from topwork.model.storage.refusal import refusal
from topwork.model.storage.saving import write_bundle
from topwork.runtime import TemporaryFolder, bound, cache_folder, forget_old, watch_forks, writable
from topwork.settings.choices import EngineName, TaskName

BATCHED = 1024
"""Inputs that are predicted at a time where there may be any number of them."""

FEW = 4
"""Up to so many items run one by one: a full batch would cost more than it saves."""

_LATER: Final = {
    "appearance": UNDECIDED,
    "crops": None,
    "tiles": 1,
    "beside": None,
    "images": (),
    "several_images": False,
}
"""What cards were given after the first models were saved, as those have it: their identity stays
the same."""


class SealedModel(ShortRepr):
    """A fitted model of some task, which can be saved as a sealed folder.

    Parameters
    ----------
    parts
        What it is made of.
    engine
        ``openvino``, ``torch``, or ``auto`` to choose by device.
    keep
        Whatever has to live as long as the model, such as a temporary folder.
    """

    parts: SealedParts

    def __init__(
        self, parts: SealedParts, *, engine: EngineName = "auto", keep: object = None
    ) -> None:
        self.parts = parts
        self.engine = engine
        self._keep = keep
        self._begin()

    def _begin(self) -> None:
        """What a subclass has to prepare, also in a new process."""

    def __getstate__(self) -> dict[str, Any]:
        """The files of the sealed folder, as bytes."""
        with tempfile.TemporaryDirectory() as folder:
            sealed = write_bundle(self.parts, Path(folder) / "model")
            files = {file.name: file.read_bytes() for file in sealed.iterdir()}
        return {"files": files, "engine": self.engine}

    def __setstate__(self, state: dict[str, Any]) -> None:
        sealed = TemporaryFolder()
        for name, content in state["files"].items():
            (sealed.folder / Path(name).name).write_bytes(content)
        SealedModel.__init__(self, read_bundle(sealed.folder), engine=state["engine"], keep=sealed)

    def __deepcopy__(self, memo: object) -> Self:
        """Nothing in a model ever changes, so that copies share all of it."""
        return type(self)(self.parts, engine=self.engine, keep=self)

    @property
    def card(self) -> SealedCard:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    @property
    def task(self) -> TaskName:
        """What it predicts: ``classes``, ``number``, ``boxes``, ``one-class`` ..."""
        return self.card.task

    @property
    def kind(self) -> Modality:
        """How its items are read."""
        raise NotImplementedError

    def items(self, inputs: Any) -> Sequence[Item]:
        """What inputs of any form are to the model, one by one."""
        raise NotImplementedError

    @property
    def identity(self) -> str:
        """The same for models that answer the same: a digest of what the answers come from."""
        plain = {name for name, value in _LATER.items() if getattr(self.card, name, value) == value}
        plain.add("columns")  # what a table calls them changes no answer
        left_out: dict[str, Any] = dict.fromkeys(plain, True)
        look = getattr(self.card, "appearance", UNDECIDED)
        later = {name for name in ("window", "medical_version", "plane") if not getattr(look, name)}
        if "appearance" not in plain and later:
            left_out["appearance"] = later
        digest = hashlib.sha256(self.card.model_dump_json(exclude=left_out).encode())
        for name, values in self.parts.head_arrays().items():
            if name != "normalise":
                digest.update(np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()

    def save(self, path: str | Path) -> Path:
        """Write the bundle, a folder; see :func:`topwork.model.storage.saving.write_bundle`."""
        return write_bundle(self.parts, Path(path))


class NetworkModel(SealedModel):
    """A fitted model with a network; a subclass says what the outputs of its head mean."""

    parts: NetworkParts

    def _begin(self) -> None:
        self._engines: dict[tuple[str, int], Engine] = {}
        self._opening = threading.Lock()
        self._reader: Modality | None = None
        watch_forks(self)

    def after_fork(self) -> None:
        """Another thread of the parent may have held it."""
        self._opening = threading.Lock()

    @property
    def card(self) -> NetworkCard:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    @property
    def kind(self) -> Modality:
        """How its items are read."""
        return kind_of(self.card) if self._reader is None else self._reader

    def read_by(self, kind: Modality) -> None:
        """Read items by another implementation of the same modality, such as in processes."""
        self._reader = kind

    def _remarks(self, reading: Reading) -> tuple[RemarkRecord, ...]:
        look = self.card.appearance
        return tuple(remark_records(reading.remarks, look, usual=("common_range",)))

    def items(self, inputs: Any) -> Sequence[Item]:
        """What inputs of any form are to the model, one by one."""
        return self._items(inputs)

    def _items(self, inputs: Any) -> Sequence[Item]:
        if isinstance(inputs, Sequence) and all(isinstance(one, Item) for one in inputs):
            return inputs
        found = read_items(inputs, columns=self.card.columns_read(), kind=self.card.kind)
        plane = self.card.appearance.plane
        return expanded_items(found, Counter(), plane=plane) if plane else found

    def _engine(self, batch: int, part: str = "") -> Engine:
        with self._opening:  # one thread at a time, so that nothing is compiled twice
            if (part, batch) not in self._engines:
                self._engines[part, batch] = self._opened(batch, part)
            return self._engines[part, batch]

    def _opened(self, batch: int, part: str) -> Engine:
        """Always float32: an answer must not depend on the processor or on the batch.

        A part sees several inputs of one item.
        """
        return OpenVINOEngine(
            self.graph(part),
            precision="float32",
            batch=batch,
            streams=bool(part) or batch > 1,
            compiled=compiled_folder(),
        )

    def graph(self, part: str = "") -> Any:  # noqa: ARG002  most models have one
        """Everything from bytes to outputs, as an ``openvino.Model``."""
        return self.parts.graph


MAX_COMPILED_BYTES = 256_000_000
"""Of compiled models that are kept. Each fit makes a model of its own, though networks repeat."""


def compiled_folder() -> Path | None:
    """Where what is compiled is kept; None where nothing can be."""
    folder = writable(cache_folder() / "compiled")
    if folder is not None:
        forget_old(folder)
        bound(folder, max_bytes=MAX_COMPILED_BYTES)
    return folder


def check_finite(outputs: Sequence[NDArray[np.float32]]) -> None:
    """Refuse outputs of a network that are no numbers.

    Raises
    ------
    BundleError
        Some are not.
    """
    if not all(np.isfinite(output).all() for output in outputs):
        raise refusal("The network of this model gives what is no number.", code="not_finite")


def check_complete(
    rejected: Sequence[Rejected], remarks: Sequence[RemarkRecord], n_items: int, bad: str
) -> None:
    """Refuse bad inputs where the caller wants to be told, and warn of how others were read.

    Raises
    ------
    BadItemsError
        Some can't be read, and ``bad`` is ``raise``.
    """
    if rejected and bad == "raise":
        names = ", ".join(f"{r.path} ({r.why})" for r in rejected[:5])
        more = f" and {len(rejected) - 5} more" if len(rejected) > 5 else ""
        raise BadItemsError(
            f"{len(rejected)} of {n_items} inputs cannot be read: {names}{more}.",
            remedy='Leave them out, or pass bad="none" to get None in their place.',
        )
    for remark in remarks:
        warnings.warn(remark.sentence, ReadingWarning, stacklevel=5)
