"""What a stored feature depends on, besides the item itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from topwork.backbones import Backbone
from topwork.data import DECODER_VERSION, Framing


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Two features under one fingerprint and one content key are the same feature.

    Parameters
    ----------
    backbone
        The name, for people; ``weights`` identifies it.
    weights
        Identifies architecture and weights.
    cut
        Where the frozen part ends.
    preprocessing
        Everything between the file's bytes and the network.
    engine, precision
        What computed it.
    """

    backbone: str
    weights: str
    cut: str
    preprocessing: tuple[tuple[str, Any], ...]
    engine: str
    precision: str

    @property
    def digest(self) -> str:
        """A name for a folder."""
        facts = asdict(self)
        del facts["backbone"]
        text = json.dumps(facts, sort_keys=True, default=list)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def fingerprint(
    backbone: Backbone, *, cut: str, framing: Framing, engine: str, precision: str
) -> Fingerprint:
    """The fingerprint of features of ``backbone`` at ``cut``, framed and computed like this."""
    how = asdict(framing)
    for of_the_view in ("window", "mirrored"):  # every row says which view it is
        del how[of_the_view]
    preprocessing = {
        **how,
        "mean": backbone.input.mean,
        "std": backbone.input.std,
        "decoder": DECODER_VERSION,
    }
    return Fingerprint(
        backbone=backbone.name,
        weights=backbone.fingerprint,
        cut=cut,
        preprocessing=tuple(sorted(preprocessing.items())),
        engine=engine,
        precision=precision,
    )
