"""Small detectors of transformers with weights at random, and their image processors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
import transformers as library

SIDE = 48


def _parts(in_channels: list[int]) -> dict[str, Any]:
    sizes = {"d_model": 32, "encoder_hidden_dim": 32, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "decoder_layers": 2}
    levels = {"encoder_in_channels": in_channels, "decoder_in_channels": [32] * 3}
    return {**sizes, **heads, **levels, "num_queries": 5, "num_denoising": 0, "num_labels": 3}


def rt_detr(maps: Any = None, channels: tuple[int, ...] = (16, 24, 32)) -> tuple[Any, Any]:
    maps = maps or library.RTDetrResNetConfig(
        embedding_size=16,
        hidden_sizes=[16, 16, 24, 32],
        depths=[1, 1, 2, 1],
        layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )
    config = library.RTDetrConfig(backbone_config=maps, **_parts(list(channels)))
    processor = library.RTDetrImageProcessor(size={"height": SIDE, "width": SIDE})
    return library.RTDetrForObjectDetection(config), processor


def rt_detr_v2() -> tuple[Any, Any]:
    config = library.RTDetrV2Config(
        backbone_config=rt_detr()[0].config.backbone_config,
        **{**_parts([16, 24, 32]), "num_denoising": 4},  # as in weights that people have
    )
    processor = library.RTDetrImageProcessor(size={"height": SIDE, "width": SIDE})
    return library.RTDetrV2ForObjectDetection(config), processor


def d_fine() -> tuple[Any, Any]:
    maps = library.HGNetV2Config(
        stem_channels=[3, 16, 16],
        stage_in_channels=[16, 16, 24, 24],
        stage_mid_channels=[8] * 4,
        stage_out_channels=[16, 24, 24, 32],
        stage_num_blocks=[1] * 4,
        stage_numb_of_layers=[1] * 4,
        hidden_sizes=[16, 24, 24, 32],
        out_features=["stage2", "stage3", "stage4"],
    )
    small = {**_parts([24, 24, 32]), "depth_mult": 0.34}
    config = library.DFineConfig(backbone_config=maps, **small)
    return library.DFineForObjectDetection(config), library.RTDetrImageProcessor(
        size={"height": SIDE, "width": SIDE}
    )


_RELATIVES = {
    "conditional_detr": "ConditionalDetr",
    "dab-detr": "DabDetr",
    "deformable_detr": "DeformableDetr",
    "table-transformer": "TableTransformer",
}
"""Of DETR, with the parameters of its configuration, by their names in the library."""


def relative(called: str) -> tuple[Any, Any]:
    maps = library.ResNetConfig(
        embedding_size=16,
        hidden_sizes=[16, 16, 24, 32],
        depths=[1, 1, 2, 1],
        layer_type="basic",
        out_features=["stage2", "stage3", "stage4"] if called == "DeformableDetr" else None,
    )
    parts = ("encoder_attention_heads", "decoder_attention_heads", "decoder_layers")
    config = getattr(library, f"{called}Config")(
        use_timm_backbone=False,
        backbone_config=maps,
        backbone=None,
        num_queries=5,
        encoder_layers=1,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        **{"hidden_size" if called == "DabDetr" else "d_model": 32},
        **dict.fromkeys(parts, 2),
    )
    processor = library.DetrImageProcessor(size={"shortest_edge": SIDE, "longest_edge": 2 * SIDE})
    return getattr(library, f"{called}ForObjectDetection")(config), processor


def of_transformer(called: str, kind: str, windows: int, **projector: Any) -> tuple[Any, Any]:
    """One whose network is a small vision transformer."""
    maps = {
        "model_type": kind,
        "hidden_size": 32,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "image_size": SIDE,
        "pretrain_image_size": SIDE,
        "patch_size": 8,
        "num_windows": windows,
        "out_indices": [2, 4],
    }
    heads = ("decoder_self_attention_heads", "decoder_cross_attention_heads", "decoder_layers")
    config = getattr(library, f"{called}Config")(
        backbone_config=maps,
        d_model=32,
        decoder_ffn_dim=32,
        num_queries=5,
        **dict.fromkeys((*heads, "group_detr"), 2),
        **projector,
    )
    processor = library.DetrImageProcessor(size={"shortest_edge": SIDE, "longest_edge": 2 * SIDE})
    return getattr(library, f"{called}ForObjectDetection")(config), processor


def detr() -> tuple[Any, Any]:
    maps = library.ResNetConfig(
        embedding_size=16, hidden_sizes=[16, 16, 24, 32], depths=[1, 1, 2, 1], layer_type="basic"
    )
    config = library.DetrConfig(
        use_timm_backbone=False,
        backbone_config=maps,
        backbone=None,
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        num_queries=5,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
    )
    processor = library.DetrImageProcessor(size={"shortest_edge": SIDE, "longest_edge": 2 * SIDE})
    return library.DetrForObjectDetection(config), processor


def yolos() -> tuple[Any, Any]:
    config = library.YolosConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=[SIDE, SIDE],
        patch_size=16,
        num_detection_tokens=5,
    )
    return library.YolosForObjectDetection(config), library.YolosImageProcessor(
        size={"height": SIDE, "width": SIDE}
    )


def enlivened(model: Any) -> None:
    """Weights that fresh ones hold at nought, so that every place of an image looks alike."""
    for name, part in model.named_parameters():
        if float(part.detach().std(correction=0)) < 0.02 and "bias" not in name:
            torch.nn.init.normal_(part, std=0.2 if part.ndim > 1 else 0.05)
            if part.ndim == 1:
                part.data += 1.0  # the scale of a normalisation


DETECTORS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "rt_detr": rt_detr,
    "d_fine": d_fine,
    "detr": detr,
}

WHOLE_DETECTORS = {
    **DETECTORS,
    "rt_detr_v2": rt_detr_v2,
    "yolos": yolos,
    "rf_detr": partial(of_transformer, "RfDetr", "rf_detr_dinov2", 1),
    "lw_detr": partial(of_transformer, "LwDetr", "lw_detr_vit", 4, projector_scale_factors=[1.0]),
    **{name: partial(relative, called) for name, called in _RELATIVES.items()},
}


def saved_detector(folder: Path, family: str, *, side: int = SIDE) -> Path:
    """One as users save theirs, made for images of this size."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model, processor = WHOLE_DETECTORS[family]()
        enlivened(model)
    processor.size = {"height": side, "width": side}
    library.utils.logging.disable_progress_bar()
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
