"""Source ``transformers``: small models with random weights, saved as users save theirs."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers as library
from PIL import Image
from safetensors.torch import load_file, save_file
from skimage import data

from tests.backbones.contract import (
    check_beside_another,
    check_network,
    check_trained_apart,
    compare_engines,
    compare_rebuilt,
)
from tests.backbones.detector_models import DETECTORS, rt_detr
from topwork.backbones import POOLED, Backbone, resolve
from topwork.backbones.engines import graph_of
from topwork.backbones.sources import transformers as source
from topwork.cli.app import run
from topwork.data.preprocessing.framing import place, render
from topwork.errors import BackboneError
from topwork.features.opened_backbone import framing_for
from topwork.model import load
from topwork.training.freezing import trainable
from topwork.training.strategies.lora import LoraSettings, with_adapters

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

SIDE = 48
SMALL = {"hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 2}
TOWER = {**SMALL, "intermediate_size": 64, "image_size": SIDE, "patch_size": 8}
TEXT = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "vocab_size": 50,
    "max_position_embeddings": 8,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
SQUARE = {"size": {"height": SIDE, "width": SIDE}}
CROPPED = {"size": {"shortest_edge": 56}, "crop_size": {"height": SIDE, "width": SIDE}}
Pair = tuple[Any, Any]


def _vit() -> Pair:
    model = library.ViTForImageClassification(library.ViTConfig(**TOWER, num_labels=3))
    return model, library.ViTImageProcessor(**SQUARE)


def _dinov2() -> Pair:
    model = library.Dinov2Model(library.Dinov2Config(**SMALL, image_size=SIDE, patch_size=8))
    return model, library.BitImageProcessor(**CROPPED)


def _convnext() -> Pair:
    config = library.ConvNextConfig(hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 2, 1])
    processor = library.ConvNextImageProcessor(size={"shortest_edge": SIDE}, crop_pct=0.875)
    return library.ConvNextModel(config), processor


def _swin() -> Pair:
    config = library.SwinConfig(
        image_size=SIDE,
        patch_size=2,
        embed_dim=16,
        depths=[1, 1, 2, 1],
        num_heads=[2, 2, 2, 2],
        window_size=3,
    )
    return library.SwinModel(config), library.ViTImageProcessor(**SQUARE)


def _resnet() -> Pair:
    config = library.ResNetConfig(
        embedding_size=16, hidden_sizes=[16, 16, 24, 32], depths=[1, 1, 2, 1], layer_type="basic"
    )
    processor = library.ConvNextImageProcessor(size={"shortest_edge": SIDE}, crop_pct=0.875)
    return library.ResNetModel(config), processor


def _mobilenet_v2() -> Pair:
    config = library.MobileNetV2Config(image_size=SIDE, depth_multiplier=0.35)
    return library.MobileNetV2Model(config), library.MobileNetV2ImageProcessor(**CROPPED)


def _siglip() -> Pair:
    config = library.SiglipConfig(vision_config=TOWER, text_config=TEXT)
    return library.SiglipModel(config), library.SiglipImageProcessor(**SQUARE)


FAMILIES: dict[str, Callable[[], Pair]] = {
    "vit": _vit,
    "dinov2": _dinov2,
    "convnext": _convnext,
    "swin": _swin,
    "resnet": _resnet,
    "mobilenet_v2": _mobilenet_v2,
    "siglip": _siglip,
    **DETECTORS,
}


def _save(folder: Path, build: Callable[[], Pair], seed: int = 0) -> Path:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model, processor = build()
    library.utils.logging.disable_progress_bar()
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a family's model, saved once."""
    root = tmp_path_factory.mktemp("hub")

    def folder(family: str) -> Path:
        place = root / family
        return place if place.exists() else _save(place, FAMILIES[family])

    return folder


def _backbone(folder: Path) -> Backbone:
    return resolve(f"transformers:{folder.name}@{folder}")


@pytest.mark.parametrize("family", FAMILIES)
def test_contract(family: str, hub) -> None:
    backbone = _backbone(hub(family))
    net = backbone.load()
    assert (backbone.input.height, backbone.input.width) == (SIDE, SIDE)
    assert len(net.cuts) >= 5
    check_network(net, backbone.input, everything=family == "vit")


@pytest.mark.parametrize("family", ["convnext", "siglip", "rt_detr"])
def test_compiled_graph_answers_like_torch(family: str, hub, tmp_path: Path) -> None:
    backbone = _backbone(hub(family))
    graph = graph_of(backbone, cut=POOLED, folder=tmp_path)
    assert graph.faithful
    compare_engines(backbone, graph.xml)
    check_trained_apart(backbone)


@pytest.mark.parametrize("family", ["vit", "siglip", "rt_detr", "d_fine"])
def test_the_tensors_of_a_saved_model_say_how_it_is_built(family, hub, tmp_path: Path) -> None:
    backbone = _backbone(hub(family))
    graph = graph_of(backbone, cut=POOLED, folder=tmp_path)
    again = resolve(f"transformers:{family}@{graph.weights}")
    assert again == backbone
    compare_rebuilt(backbone, again)
    check_beside_another(backbone, tmp_path)


def test_fingerprints_tell_weights_apart(hub, tmp_path: Path) -> None:
    moved = shutil.copytree(hub("vit"), tmp_path / "moved")
    other = _save(tmp_path / "other", _vit, seed=1)
    assert _backbone(moved).fingerprint == _backbone(hub("vit")).fingerprint
    assert _backbone(other).fingerprint != _backbone(hub("vit")).fingerprint


def test_the_vector_is_what_the_models_own_classifier_sees(hub) -> None:
    model = library.ViTForImageClassification.from_pretrained(hub("vit")).eval()
    images = torch.rand(2, 3, SIDE, SIDE)
    with torch.inference_mode():
        features = _backbone(hub("vit")).load().pooling(images)
        torch.testing.assert_close(model.classifier(features), model(images).logits)


@pytest.mark.parametrize("family", ["vit", "dinov2", "convnext", "mobilenet_v2"])
def test_preprocessing_is_the_librarys_own(family: str, hub) -> None:
    photo = Image.fromarray(data.chelsea())
    processor = library.AutoImageProcessor.from_pretrained(hub(family))
    theirs = processor(photo, return_tensors="np")["pixel_values"][0]
    ours = _preprocessed(photo, _backbone(hub(family)))
    assert ours.shape == theirs.shape
    # a processor that crops rounds to whole pixels in between; the range is 2 to 5
    assert np.abs(ours - theirs).mean() < (0.03 if family == "vit" else 0.08)
    np.testing.assert_allclose(ours.mean((1, 2)), theirs.mean((1, 2)), atol=0.02)


def _preprocessed(photo: Image.Image, backbone: Backbone) -> np.ndarray:
    spec = backbone.input
    framing = framing_for(backbone, "crop" if spec.crop_fraction < 1 else "squeeze")
    pixels = render(photo, framing, place(framing, *photo.size), size=photo.size)
    return ((pixels / 255 - spec.mean) / spec.std).transpose(2, 0, 1)


def _folder(hub, tmp_path: Path, *, without: str) -> Path:
    folder = shutil.copytree(hub("resnet"), tmp_path / "resnet")
    (folder / without).unlink()
    return folder


@pytest.mark.parametrize(
    ("without", "code"),
    [
        ("config.json", "no_model"),
        ("model.safetensors", "no_weights"),
        ("preprocessor_config.json", "weights_unreachable"),
    ],
)
def test_an_incomplete_folder_is_refused(without, code, hub, tmp_path: Path) -> None:
    with pytest.raises(BackboneError) as refusal:
        _backbone(_folder(hub, tmp_path, without=without))
    assert refusal.value.code == code
    assert "save_pretrained" in refusal.value.remedy or "preprocessor" in refusal.value.remedy


def test_a_processor_without_a_size_is_refused(hub, tmp_path: Path) -> None:
    folder = shutil.copytree(hub("resnet"), tmp_path / "resnet")
    library.ViTImageProcessor(size={"longest_edge": SIDE, "shortest_edge": 0}).save_pretrained(
        folder
    )
    with pytest.raises(BackboneError, match="names no side"):
        _backbone(folder)


def test_pickled_weights_are_refused(hub, tmp_path: Path) -> None:
    folder = _folder(hub, tmp_path, without="model.safetensors")
    torch.save({"a": torch.zeros(1)}, folder / "pytorch_model.bin")
    with pytest.raises(BackboneError, match="could run code") as refusal:
        _backbone(folder)
    assert refusal.value.code == "pickle"
    assert "save_pretrained" in refusal.value.remedy


def test_lacking_tensors_are_named(hub, tmp_path: Path) -> None:
    folder = _folder(hub, tmp_path, without="model.safetensors")
    tensors = load_file(hub("resnet") / "model.safetensors")
    left_out = next(iter(tensors))
    del tensors[left_out]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BackboneError, match=f"lack 1 tensors, for example {left_out}"):
        _backbone(folder)


def test_lacking_tensors_of_a_detectors_network_are_named(hub, tmp_path: Path) -> None:
    folder = shutil.copytree(hub("rt_detr"), tmp_path / "rt_detr")
    tensors = load_file(folder / "model.safetensors")
    gone = next(name for name in tensors if "backbone" in name and name.endswith("weight"))
    queries = [name for name in tensors if "enc_score_head" in name]
    for name in (gone, *queries):  # the queries are not used
        del tensors[name]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BackboneError, match="lack 1 tensors, for example backbone"):
        _backbone(folder)


def test_a_detector_on_another_network_is_refused(tmp_path: Path) -> None:
    def build() -> Pair:
        maps = library.SwinConfig(image_size=SIDE, embed_dim=16, depths=[1] * 4, num_heads=[1] * 4)
        maps.out_features = ["stage2", "stage3", "stage4"]
        return rt_detr(maps, [32, 64, 128])

    with pytest.raises(BackboneError, match="of type swin") as refusal:
        _backbone(_save(tmp_path / "swin", build))
    assert refusal.value.code == "no_maps"


def test_a_detector_on_a_network_of_timm_is_refused(tmp_path: Path) -> None:
    def build() -> Pair:
        maps = library.TimmBackboneConfig(
            backbone="resnet10t", features_only=True, out_indices=[1, 2, 3, 4]
        )
        small = {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "num_queries": 4}
        feet = {"encoder_ffn_dim": 32, "decoder_ffn_dim": 32}
        config = library.DetrConfig(backbone_config=maps, **small, **feet)
        return library.DetrForObjectDetection(config), library.DetrImageProcessor()

    with pytest.raises(BackboneError, match="of type timm") as refusal:
        _backbone(_save(tmp_path / "detr", build))
    assert refusal.value.code == "no_maps"


def test_a_model_of_texts_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    settings = {k: v for k, v in TEXT.items() if not k.endswith("token_id")}
    library.BertModel(library.BertConfig(**settings)).save_pretrained(tmp_path / "bert")
    with pytest.raises(BackboneError, match=r"no tokenizer\.json"):
        _backbone(tmp_path / "bert")


def test_code_of_the_folder_never_runs(hub, tmp_path: Path) -> None:
    folder = shutil.copytree(hub("resnet"), tmp_path / "resnet")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.C", "AutoModel": "own.M"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(BackboneError, match="could not be loaded"):
        _backbone(folder)
    assert not (tmp_path / "ran").exists()


def test_files_that_no_saved_model_wrote_are_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "a.safetensors")
    (tmp_path / "b.safetensors").write_text("no tensors")
    for name in ("a", "b"):
        with pytest.raises(BackboneError, match="how its network is built") as refusal:
            resolve(f"transformers:x@{tmp_path / name}.safetensors")
        assert refusal.value.code == "no_recipe"


@pytest.mark.parametrize("name", ["transformers:facebook/dinov2-small", "timm:resnet10t.c3_in1k"])
def test_without_a_network_an_error_comes_soon(name: str, monkeypatch, tmp_path: Path) -> None:
    """A server that takes the connection too late, as behind a firewall that drops everything."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("topwork.backbones.sources.hub.PATIENCE", 0.2)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: time.sleep(60))
    resolve("random:resnet10t")  # the library is imported before the clock starts
    start = time.monotonic()
    with pytest.raises(BackboneError) as refusal:
        resolve(name)
    assert time.monotonic() - start < 5
    assert refusal.value.code == "weights_unreachable"
    assert "packaged:efficientnet_lite0" in refusal.value.remedy


def test_the_missing_package_is_named(monkeypatch, hub) -> None:
    folder = hub("resnet")
    source.transformers.cache_clear()
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(BackboneError, match=r"pip install .*\[hub\]") as refusal:
        _backbone(folder)
    assert refusal.value.code == "missing_extra"


def test_lora_trains_little_of_a_transformer_and_merges(tmp_path: Path) -> None:
    tower = {**TOWER, "hidden_size": 192, "num_attention_heads": 3, "intermediate_size": 768}

    def build() -> Pair:
        model = library.ViTModel(library.ViTConfig(**tower), add_pooling_layer=False)
        return model, library.ViTImageProcessor(**SQUARE)

    pooling = _backbone(_save(tmp_path / "vit", build)).load().pooling
    adapted = with_adapters(pooling, LoraSettings())
    adapters = trainable(adapted)
    assert all("lora_" in name for name in adapters)
    share = sum(p.numel() for p in adapters.values()) / sum(p.numel() for p in pooling.parameters())
    assert 0 < share <= 0.02
    images = torch.rand(2, 3, SIDE, SIDE)
    with torch.inference_mode():
        plain = pooling(images)
    adapted(images).square().mean().backward()
    assert all(p.grad is not None for p in adapters.values())
    with torch.no_grad():
        for name, parameter in adapters.items():
            if "lora_B" in name:
                parameter.normal_(std=0.02)
        unmerged = adapted.eval()(images)
        merged = adapted.merge_and_unload()(images)
        torch.testing.assert_close(pooling(images), plain)
    assert (unmerged - plain).abs().max() > 1e-3
    torch.testing.assert_close(merged, unmerged, rtol=1e-5, atol=1e-5)


def test_from_a_folder_to_predictions_without_the_library(hub, drawn, tmp_path: Path) -> None:
    name, out = f"transformers:tiny@{hub('convnext')}", tmp_path / "m.topwork"
    arguments = [str(drawn), "--backbone", name, "--out", str(out), "--quiet", "--no-baselines"]
    assert run(["fit", *arguments]) == 0
    assert str(hub("convnext")) not in (out / "model.json").read_text()
    picture = next(drawn.rglob("*.png"))
    code = (
        "import sys, topwork as tw\n"
        f"label = tw.load({str(out)!r}).predict([{str(picture)!r}])[0]\n"
        "assert not {'torch', 'transformers'} & set(sys.modules)\n"
        "print(label)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == load(out, engine="torch").predict([picture])[0]
