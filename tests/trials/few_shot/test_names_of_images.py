"""Names beside images: two small towers, the one for texts fitted to what the images show."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from topwork.backbones.towers.text_tower import open_text_tower
from topwork.cli.app import run
from topwork.data import read
from topwork.errors import DataError, ParameterError
from topwork.features.opened_backbone import open_backbone, read_once
from topwork.heads import normalise_rows
from topwork.inductive import FitSettings, fit
from topwork.inductive.items_by_name import items_by_name
from topwork.runtime.progress import silent

library = pytest.importorskip("transformers")
torch = pytest.importorskip("torch")

COLOURS = {
    "crimson": (170, 40, 60),
    "olive": (120, 130, 50),
    "teal": (30, 130, 130),
    "violet": (120, 60, 170),
    "amber": (220, 160, 40),
}
NAMES = tuple(sorted(COLOURS))
SIDE = 48
TOWER = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}
WORDS = ["<pad>", "<bos>", "<eos>", *NAMES]


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    """Eight noisy images of each colour."""
    folder, rng = tmp_path_factory.mktemp("colours"), np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (folder / name).mkdir()
        for i in range(8):
            moved = np.array(colour) + rng.normal(0, 22, 3)
            pixels = moved + rng.normal(0, 20, (SIDE, SIDE, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / name / f"{i}.png")
    return folder


@pytest.fixture(scope="module", params=["CLIP", "Siglip"])
def backbone(request, images: Path, tmp_path_factory) -> str:
    """Towers that meet: the last layer for texts is solved for the classes of the images."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    kind = request.param
    folder = tmp_path_factory.mktemp("towers") / kind
    torch.manual_seed(0)
    ends = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    config = getattr(library, f"{kind}Config")(
        text_config={**TOWER, **ends, "vocab_size": len(WORDS), "max_position_embeddings": 8},
        vision_config={**TOWER, "image_size": SIDE, "patch_size": 16},
        **({"projection_dim": 12} if kind == "CLIP" else {}),
    )
    model = getattr(library, f"{kind}Model")(config)
    square = {"height": SIDE, "width": SIDE}
    getattr(library, f"{kind}ImageProcessor")(
        size={"shortest_edge": SIDE} if kind == "CLIP" else square, crop_size=square
    ).save_pretrained(folder)
    words = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, "<pad>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    library.PreTrainedTokenizerFast(
        tokenizer_object=words,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        model_input_names=["input_ids"],
    ).save_pretrained(folder)
    name = f"transformers:{kind.lower()}@{folder}"
    last = model.text_projection if kind == "CLIP" else model.text_model.head
    with torch.no_grad():
        last.weight.copy_(torch.eye(*last.weight.shape))
        if last.bias is not None:
            last.bias.zero_()
    model.save_pretrained(folder)
    X, codes = _features(name, images)
    means = np.stack([X[codes == c].mean(axis=0) for c in range(len(NAMES))])
    wanted = means - means.mean(axis=0)
    if kind == "CLIP":
        P = model.visual_projection.weight.detach().numpy()
        wanted = wanted @ np.linalg.pinv(P)
    with torch.no_grad():
        hidden = _before(model, kind)
        solved = np.linalg.pinv(hidden, rcond=1e-6) @ (wanted / np.abs(wanted).max())
        last.weight.copy_(torch.from_numpy(solved.T.astype(np.float32)))
    model.save_pretrained(folder)
    return name


def _before(model, kind: str) -> np.ndarray:
    """What the last layer for texts takes of each name, (k, 16)."""
    tokens = torch.zeros(len(NAMES), 8 if kind == "Siglip" else 1, dtype=torch.long)
    tokens[:, 0] = torch.tensor([WORDS.index(name) for name in NAMES])
    found: np.ndarray = model.eval().text_model(input_ids=tokens).pooler_output.double().numpy()
    return found


def _features(backbone: str, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    data, settings = read(folder), FitSettings(cache=False)
    request = open_backbone(backbone, settings).request
    found = read_once(data, request, max_bad=0.0, progress=silent)
    return normalise_rows(request.store.read(found.keys)), data.classes.codes


def _one_of_each(folder: Path, labels: tuple[str, ...] = NAMES):
    return read([folder / name / "0.png" for name in NAMES], list(labels))


def test_a_text_ranks_images_as_both_towers_do(backbone: str, images: Path) -> None:
    tower = open_text_tower(backbone)
    X, codes = _features(backbone, images)
    rows = tower.among_images(NAMES)
    assert rows.shape == (len(NAMES), X.shape[1])
    said = (X @ rows.T - (X @ rows.T).mean(axis=0)).argmax(axis=1)
    assert np.mean(said == codes) > 0.7
    assert open_text_tower("packaged:efficientnet_lite0") is None


def test_names_help_with_one_label_per_class(backbone: str, images: Path) -> None:
    settings = FitSettings(backbone=backbone, baselines=False, cache=False)
    named = fit(_one_of_each(images), settings)
    assert named.result.strategy == "probe"
    assert named.artifacts.chosen.candidate.name == "the names of the classes as training items"
    coded = {name: f"c{i}" for i, name in enumerate(NAMES)}
    plain = fit(_one_of_each(images, tuple(coded.values())), settings)
    assert "names" not in plain.artifacts.chosen.candidate.name
    every = [path for name in NAMES for path in sorted((images / name).iterdir())[1:]]
    truth = np.array([path.parent.name for path in every])
    right = np.mean(named.model.predict(every) == truth)
    assert right > np.mean(plain.model.predict(every) == [coded[name] for name in truth])


def test_names_that_mean_something_else_are_not_used(backbone: str, images: Path) -> None:
    settings = FitSettings(backbone=backbone, baselines=False, cache=False)
    turned = (*NAMES[1:], NAMES[0])
    found = fit(_one_of_each(images, turned), settings)
    assert "names" not in found.artifacts.chosen.candidate.name


def test_no_label_at_all(backbone: str, images: Path, tmp_path: Path, capsys) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    for path in images.rglob("*.png"):
        (pile / f"{path.parent.name[:2]}{path.name}").write_bytes(path.read_bytes())
    out = tmp_path / "m.topwork"
    command = ["fit", str(pile), "--classes", ",".join(NAMES), "--backbone", backbone]
    assert run([*command, "-o", str(out), "--json", "--no-baselines"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n_items"], found["scores"]) == (len(NAMES), None)
    assert any("nearest to its name" in note for note in found["notes"])
    evaluated = tw.load(out).evaluate(read(images))
    assert evaluated.scores.accuracy.value > 0.7


def test_what_cannot_be_told_by_names_is_refused(backbone: str, images: Path) -> None:
    settings = FitSettings(backbone=backbone, cache=False)
    with pytest.raises(ParameterError) as refused:
        items_by_name(read(images), NAMES[:3], settings)
    assert refused.value.code == "too_few_classes"
    few = read([images / NAMES[0] / f"{i}.png" for i in range(3)], ["a", "b", "a"])
    with pytest.raises(DataError) as caught:
        items_by_name(few, NAMES, settings)
    assert caught.value.code == "too_few_items"
    with pytest.raises(ParameterError) as refused:
        items_by_name(read(images), NAMES, FitSettings(cache=False))
    assert refused.value.code == "no_texts"
