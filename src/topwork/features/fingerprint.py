"""What a stored feature depends on, besides the item itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from topwork.backbones import Backbone, InputSpec
from topwork.data import DECODER_VERSION, TEXT_VERSION, Framing, Preparation


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
    backbone: Backbone, *, cut: str, framing: Preparation, engine: str, precision: str
) -> Fingerprint:
    """The fingerprint of features of ``backbone`` at ``cut``, prepared and computed like this."""
    return Fingerprint(
        backbone=backbone.name,
        weights=backbone.fingerprint,
        cut=cut,
        preprocessing=tuple(sorted(_preprocessing(backbone, framing).items())),
        engine=engine,
        precision=precision,
    )


def _preprocessing(backbone: Backbone, framing: Preparation) -> dict[str, Any]:
    how = asdict(framing)
    if not isinstance(framing, Framing):
        del how["tokenizer"]  # the digest stands for it
        return {**how, "decoder": f"text {TEXT_VERSION}"}
    for of_the_view in ("window", "mirrored"):  # every row says which view it is
        del how[of_the_view]
    assert isinstance(backbone.input, InputSpec)
    spec = backbone.input
    return {**how, "mean": spec.mean, "std": spec.std, "decoder": DECODER_VERSION}
