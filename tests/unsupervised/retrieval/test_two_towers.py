"""Images are found by a text through a network with two towers: small, random, saved here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.backbones.small_towers import ENDS, SIDE, TOWER, save_towers
from topwork.cli.app import run
from topwork.errors import BackboneError

library = pytest.importorskip("transformers")
torch = pytest.importorskip("torch")
WORDS = ("discs", "noise", "stripes", "of", "a", "picture")


@pytest.fixture(scope="module", params=["CLIP", "Siglip"])
def towers(request, tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("towers") / request.param
    save_towers(request.param, folder, WORDS)
    return folder


def test_finds_images_by_text(towers: Path, drawn: Path, capsys) -> None:
    query = "a picture of stripes"
    command = ["search", str(drawn), query, "--towers", str(towers), "--copies", "--top", "36"]
    assert run([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["query"], found["query_in_data"], found["n_items"]) == (query, False, 36)
    by_hand = _by_hand(towers, query, [hit["path"] for hit in found["results"]])
    assert len(by_hand) == 36
    np.testing.assert_allclose([hit["similarity"] for hit in found["results"]], by_hand, atol=2e-3)
    assert np.ptp(by_hand) > 0.01


def test_an_image_still_finds_images(towers: Path, drawn: Path) -> None:
    index = tw.SearchIndex.open(drawn, towers=towers)
    query = drawn / "discs" / "002.png"
    found = index.search(query, include_query=True)
    assert found.query_in_data
    assert Path(found.results[0].path) == query


def test_refuses_what_has_one_tower(tmp_path: Path, drawn: Path) -> None:
    library.ViTModel(library.ViTConfig(**TOWER, image_size=SIDE, patch_size=16)).save_pretrained(
        tmp_path
    )
    with pytest.raises(BackboneError, match="no tower for texts") as caught:
        tw.SearchIndex.open(drawn, towers=tmp_path)
    assert caught.value.code == "no_towers"
    with pytest.raises(BackboneError) as caught:
        tw.SearchIndex.open(drawn, towers=tmp_path / "nothing")
    assert caught.value.code == "weights_unreachable"


def _by_hand(towers: Path, query: str, paths: list[str]) -> np.ndarray:
    from PIL import Image

    model = library.AutoModel.from_pretrained(towers).eval()
    processor = library.AutoImageProcessor.from_pretrained(towers)
    words = [len(ENDS) + WORDS.index(word) for word in query.split()]
    if "siglip" in model.config.model_type:
        words += [0] * (8 - len(words))
    images = [Image.open(path).convert("RGB") for path in paths]
    with torch.inference_mode():
        text = model.get_text_features(input_ids=torch.tensor([words])).pooler_output
        seen = model.get_image_features(**processor(images, return_tensors="pt")).pooler_output
    found: np.ndarray = torch.nn.functional.cosine_similarity(seen, text).numpy()
    return found
