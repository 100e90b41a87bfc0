"""A folder that the library transformers saved a model to."""

from __future__ import annotations

from pathlib import Path

from topwork.errors import BackboneError

_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds no model, or only one whose weights could run code.

    Raises
    ------
    BackboneError
        It is one.
    """
    if not (folder / "config.json").is_file():
        raise BackboneError(
            f"{folder} holds no config.json.",
            remedy="Give the folder that save_pretrained wrote, with the image processor.",
            code="no_model",
        )
    if any(folder.glob("*.safetensors")):
        return
    pickles = sorted(file.name for pattern in _PICKLES for file in folder.glob(pattern))
    what = f"only pickled weights ({pickles[0]}), which could run code" if pickles else "no weights"
    raise BackboneError(
        f"{folder} holds {what}.",
        remedy="Save the model again with save_pretrained, which writes model.safetensors.",
        code="pickle" if pickles else "no_weights",
    )
