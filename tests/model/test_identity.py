"""What a model is told apart from others by stays the same when cards are given more fields."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace
from typing import Any

import pytest

from topwork.model.card import DetectorCard
from topwork.model.sealed_model import SealedModel

pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer")


def identity(card: DetectorCard) -> str:
    model = SimpleNamespace(card=card, parts=SimpleNamespace(head_arrays=dict))
    found: Any = SealedModel.identity
    return str(found.fget(model))


def test_a_detector_without_crops_and_tiles_keeps_its_identity() -> None:
    card = DetectorCard.model_construct(backbone="x", labels=["ace"])
    later = {"crops", "appearance", "tiles", "columns", "beside", "images", "several_images"}
    before = card.model_dump_json(exclude=later)
    assert identity(card) == hashlib.sha256(before.encode()).hexdigest()
    assert identity(card.model_copy(update={"crops": {"width": 3}})) != identity(card)
    assert identity(card.model_copy(update={"columns": {"label": "kind"}})) == identity(card)
