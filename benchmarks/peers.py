"""What people write by hand: timm's feature extraction as its documentation teaches it.

https://huggingface.co/docs/timm/feature_extraction and https://huggingface.co/docs/timm/quickstart
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from topwork.backbones import DEFAULT_BACKBONE, resolve

BATCH = 32


class ImageFiles(Dataset[torch.Tensor]):
    """Decodes with Pillow and applies a transform."""

    def __init__(self, files: Sequence[Path], transform: Callable[[Any], torch.Tensor]) -> None:
        self.files = files
        self.transform = transform

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> torch.Tensor:
        return self.transform(Image.open(self.files[index]).convert("RGB"))


def timm_lite0() -> torch.nn.Module:
    """EfficientNet-Lite0 without its classifier, as timm builds it, with the packaged weights."""
    model = timm.create_model("tf_efficientnet_lite0", pretrained=False, num_classes=0)
    model.load_state_dict(lite0_tensors())
    return model.eval()


def lite0_tensors() -> dict[str, torch.Tensor]:
    """The packaged weights by timm's names, without the classifier's."""
    tensors = resolve(DEFAULT_BACKBONE).load().module.state_dict()
    return {k: v for k, v in tensors.items() if not k.startswith("classifier.")}


def timm_features(
    network: Callable[[torch.Tensor], torch.Tensor],
    files: Sequence[Path],
    *,
    model: torch.nn.Module | None = None,
    memory_format: torch.memory_format = torch.contiguous_format,
    dtype: torch.dtype = torch.float32,
) -> NDArray[np.float32]:
    """``(n, d)``: a DataLoader, timm's transform for evaluation, the network.

    Parameters
    ----------
    model
        Whose transform it is; ``network`` itself for None.
    """
    config = timm.data.resolve_data_config({}, model=model or network)
    transform = timm.data.create_transform(**config, is_training=False)
    loader = DataLoader(
        ImageFiles(files, transform), batch_size=BATCH, num_workers=os.cpu_count() or 1
    )
    outputs = []
    with warnings.catch_warnings(), torch.inference_mode():
        # topwork's store is loaded in this process and warns of forks; the loader doesn't use it
        warnings.filterwarnings("ignore", "lance is not fork-safe")
        for images in loader:
            features = network(images.to(dtype=dtype, memory_format=memory_format))
            outputs.append(features.float().numpy())
    return np.concatenate(outputs)


def channels_last(dtype: torch.dtype) -> Callable[[Sequence[Path]], NDArray[np.float32]]:
    """The same loop as someone with experience writes it."""
    model = timm_lite0().to(dtype=dtype, memory_format=torch.channels_last)
    return lambda files: timm_features(model, files, memory_format=torch.channels_last, dtype=dtype)


def on_onnx_runtime(model: torch.nn.Module) -> Callable[[Sequence[Path]], NDArray[np.float32]]:
    """The same loop with the network exported by torch and run by ONNX Runtime.

    Raises
    ------
    ImportError
        ``onnx``, ``onnxscript`` or ``onnxruntime`` is not installed.
    """
    import onnxruntime

    written = io.BytesIO()
    example = torch.zeros(2, 3, *timm.data.resolve_data_config({}, model=model)["input_size"][1:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (example,),
            written,
            dynamo=False,
            input_names=["images"],
            dynamic_axes={"images": {0: "n"}},
        )
    session = onnxruntime.InferenceSession(written.getvalue(), providers=["CPUExecutionProvider"])

    def run(images: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(session.run(None, {"images": images.numpy()})[0])

    return lambda files: timm_features(run, files, model=model)
