"""Whether a model's configuration only names what Keras itself defines, and nothing that runs code.

Keras's own safe mode refuses lambdas; it was evaded before by other names in the configuration.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

from topwork.backbones.sources.keras.library import keras
from topwork.errors import BackboneError

_MODULES = re.compile(
    r"keras|keras\.(layers|initializers|regularizers|constraints|models)"
    r"|keras\.src\.(models|ops|layers|applications)(\.\w+)*"
)
_VALUES = frozenset({"__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__"})
_FOREIGN = frozenset(
    {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "StringLookup"}
    | {"IntegerLookup", "TextVectorization", "HashedCrossing", "Hashing"}
)
"""Layers that hold code of others, or open files."""


def check_config(config: Any, label: str) -> None:
    """Look at every object that a configuration names.

    Raises
    ------
    BackboneError
        One of them isn't Keras's own, or could run code.
    """
    keras()  # the names below are looked up in it, on the right backend
    if isinstance(config, list | tuple):
        for value in config:
            check_config(value, label)
    elif isinstance(config, dict):
        if "class_name" in config and not _is_known(config):
            raise BackboneError(
                f"{label} holds {config['class_name']!r}, which is no layer that Keras defines "
                "itself and could run code.",
                remedy="Rebuild the model from layers of Keras without Lambda or classes of your "
                "own, or save the weights of a network of Keras Applications.",
                code="unsafe_model",
            )
        for value in config.values():
            check_config(value, label)


def _is_known(named: dict[str, Any]) -> bool:
    module, name = named.get("module"), named["class_name"]
    if module is None:
        return name in _VALUES
    if not isinstance(name, str) or name in _FOREIGN or not _MODULES.fullmatch(str(module)):
        return False
    found = getattr(_imported(str(module)), name, None)
    return isinstance(found, type) and issubclass(found, _kinds())


def _imported(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def _kinds() -> tuple[type, ...]:
    library = keras()
    return (
        library.Operation,
        library.initializers.Initializer,
        library.regularizers.Regularizer,
        library.constraints.Constraint,
        library.DTypePolicy,
    )
