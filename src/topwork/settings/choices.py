"""The choices that have names, each list of names stated once."""

from __future__ import annotations

from typing import Final, Literal, get_args

from topwork.errors import ParameterError

EngineName = Literal["auto", "openvino", "torch"]
ENGINES: Final[tuple[EngineName, ...]] = get_args(EngineName)

Geometry = Literal["squeeze", "pad", "crop"]
"""How an image becomes a square."""
GEOMETRIES: Final[tuple[Geometry, ...]] = get_args(Geometry)

Layout = Literal["auto", "class", "domain/class"]
"""What folders mean."""
LAYOUTS: Final[tuple[Layout, ...]] = get_args(Layout)

Plane = Literal["axial", "coronal", "sagittal"]
"""How a volume is cut into slices."""
PLANES: Final[tuple[Plane, ...]] = get_args(Plane)

LabellingTool = Literal["label-studio", "cvat"]
"""Whose labels can be exchanged."""

ClassWeight = Literal["balanced"] | None

LabelledTask = Literal["classes", "labels", "number", "ordinal", "boxes"]
LABELLED_TASKS: Final[tuple[LabelledTask, ...]] = get_args(LabelledTask)
"""The tasks that learn from labels, as they are called on the command line."""
TaskName = Literal[LabelledTask, "clusters", "one-class"]
TASK_NAMES: Final[tuple[TaskName, ...]] = get_args(TaskName)
"""What all tasks are called: in JSON and in bundles."""
AskedTask = Literal["auto", LabelledTask]
"""What the user says the labels are."""
FitTask = Literal[AskedTask, "one-class"]
"""What the user says that is to be fitted."""

_Trained = Literal["probe", "partial", "full", "lora", "pairs"]
Strategy = Literal[_Trained, "blend"]
"""How a model was made."""
AskedStrategy = Literal[_Trained, "auto"]
"""What the user can ask for."""
STRATEGIES: Final[tuple[AskedStrategy, ...]] = get_args(AskedStrategy)

RefiningObjective = Literal["auto", "pairs", "tokens"]
REFINING_OBJECTIVES: Final[tuple[RefiningObjective, ...]] = get_args(RefiningObjective)
"""What a backbone for texts is refined by."""

DomainWay = Literal["tent", "information", "dann", "cdan"]
DOMAIN_WAYS: Final[tuple[DomainWay, ...]] = get_args(DomainWay)
"""What layers behind a cut can be trained for on two domains."""


def one_of(name: str, value: object, allowed: tuple[object, ...]) -> None:
    """Refuse a value that is none of those that are allowed.

    Raises
    ------
    ParameterError
        It is another one.
    """
    if value not in allowed:
        choices = ", ".join(str(a) for a in allowed)
        raise ParameterError(f"{name} cannot be {value!r}.", remedy=f"Choose one of: {choices}.")
