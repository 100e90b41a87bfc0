"""One setting: what it decides in one sentence, and how it is given on the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class Setting:
    """Beside a field's type: ``seed: Annotated[int, Setting("Seed of everything random.")] = 0``.

    Parameters
    ----------
    help
        What it decides, in one sentence, for people at the command line.
    more
        What the documentation of the parameter adds.
    flag
        The option; made from the name of the field where it is not given. A field that is True
        unless the user says otherwise has an option that switches it off, ``--no-NAME``.
    short
        A short form of the option, such as ``-o``.
    off
        The help of an option that switches off.
    on
        What an option without a value sets the field to; ``None`` for options with one.
    metavar
        What the value is called.
    typed
        The type of the option's value where the field has another one.
    read
        Makes the field's value from the option's.
    hidden
        Whether help leaves the option out.
    """

    help: str
    more: str = ""
    flag: str = ""
    off: str = ""
    on: object = None
    metavar: str | None = None
    typed: Any = None
    read: Callable[[Any], Any] | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """A field of a settings class with its statement."""

    name: str
    type: Any
    default: Any
    setting: Setting

    @property
    def switches_off(self) -> bool:
        """Whether its option takes something away that is usual."""
        return self.default is True

    @property
    def flag(self) -> str:
        """The option."""
        name = self.name.replace("_", "-")
        return self.setting.flag or (f"--no-{name}" if self.switches_off else f"--{name}")

    @property
    def choices(self) -> tuple[str, ...]:
        """The names that it may have, if it is one of several."""
        members = [self.type, *get_args(self.type)]
        literal = next((one for one in members if get_origin(one) is Literal), None)
        return () if literal is None or self.setting.on is not None else get_args(literal)

    def value(self, given: Any) -> Any:
        """The field's value from the option's."""
        if self.switches_off:
            return not given
        if self.setting.on is not None:
            return self.setting.on if given else self.default
        return self.setting.read(given) if self.setting.read else given


def stated_in(settings: type) -> tuple[Stated, ...]:
    """The fields of a settings class that are stated, in their order."""
    hints = get_type_hints(settings, include_extras=True)
    found = []
    for field in fields(settings):
        extras = getattr(hints[field.name], "__metadata__", ())
        setting = next((extra for extra in extras if isinstance(extra, Setting)), None)
        if setting is None:
            continue
        default = None if field.default is MISSING else field.default
        found.append(Stated(field.name, hints[field.name].__origin__, default, setting))
    return tuple(found)
