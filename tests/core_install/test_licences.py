"""What comes with the core alone may be used by anybody: nothing of it is under the GPL or AGPL."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distribution
from typing import Final

from packaging.requirements import Requirement

STRICT: Final = re.compile(r"(?<!L)(?<!Lesser )(AGPL|GPL|General Public)", re.IGNORECASE)


def _needed(name: str, found: dict[str, Distribution]) -> dict[str, Distribution]:
    """A distribution and all that it needs without any extra."""
    if name not in found:
        found[name] = distribution(name)
        for line in found[name].requires or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                _needed(needed.name.lower(), found)
    return found


def _licence(one: Distribution) -> str:
    told = one.metadata
    for field in ("License-Expression", "License"):
        lines = str(told.get(field) or "").strip().splitlines()
        if lines and lines[0] != "UNKNOWN":
            return lines[0]
    named = [c.rpartition(" :: ")[2] for c in told.get_all("Classifier", [])]
    classes = [c for c in named if "licen" in c.lower() or "public" in c.lower()]
    if classes:
        return "; ".join(classes)
    files = [file for file in one.files or () if file.name.upper().startswith("LICEN")]
    return files[0].read_text().strip().splitlines()[0].strip() if files else ""


def test_no_licence_of_the_core_binds_those_who_use_it() -> None:
    licences = {name: _licence(one) for name, one in _needed("topwork", {}).items()}
    assert {"numpy", "openvino", "scikit-learn", "pylance"} <= licences.keys()
    assert [name for name, told in licences.items() if not told] == []
    assert {name: told for name, told in licences.items() if STRICT.search(told)} == {}


def test_the_rule_tells_licences_apart() -> None:
    strict = ("GPL-3.0-or-later", "GNU General Public License v3 (GPLv3)", "AGPL-3.0")
    assert all(STRICT.search(name) for name in strict)
    assert not any(STRICT.search(name) for name in ("LGPL-2.1", "MIT", "MPL-2.0", "PSF-2.0"))
