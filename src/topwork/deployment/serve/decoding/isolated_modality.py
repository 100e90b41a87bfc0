"""A modality whose items are decoded elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from topwork.data import Content, Modality
from topwork.data.preprocessing.framing import Framing
from topwork.deployment.serve.decoding.decoders import Decoders, NoDecoder
from topwork.deployment.serve.refused import overloaded
from topwork.errors import BadItem

if TYPE_CHECKING:
    from topwork.data.preprocessing.tokenizing import Preparation

_LOADING: Final = 60.0
"""Seconds for which a model that is being loaded waits for those that answer."""


class IsolatedModality:
    """A modality that decodes files by processes that can be killed, and is as it was otherwise.

    A single image may take as long as the decoders allow. Once one was killed for that, what else
    is in the batch must be decoded by the end of the same time, so that files that hang hold a
    server once and not one after the other.
    """

    def __init__(self, inner: Modality, decoders: Decoders) -> None:
        self._inner = inner
        self._decoders = decoders
        self._until = float("inf")
        self._patience: float | None = _LOADING

    def begin_batch(self) -> None:
        """Nothing was killed yet."""
        self._until = float("inf")
        self._patience = None

    def decode(self, content: Content, preparation: Preparation) -> np.ndarray:
        """What the modality gives.

        Raises
        ------
        BadItem
            The item can't be decoded, or not in time.
        Refused
            Another item of the batch took the time.
        """
        if not isinstance(content.data, bytes) or not isinstance(preparation, Framing):
            return self._inner.decode(content, preparation)
        begun = time.monotonic()
        try:
            return self._decoders.decode(
                self._inner, content, preparation, lambda: self._until, patience=self._patience
            )
        except NoDecoder:
            raise overloaded(self._decoders.seconds) from None
        except BadItem as bad:
            if bad.reason == "too_costly":
                self._until = min(self._until, begun + self._decoders.seconds)
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
