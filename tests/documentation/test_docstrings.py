"""Every name of the library shows how it is used; the examples are run as doctests."""

from __future__ import annotations

import pytest

import topwork as tw


@pytest.mark.parametrize("name", tw.__all__)
def test_every_public_name_has_an_example(name: str) -> None:
    told = getattr(tw, name).__doc__
    assert told is not None
    assert ">>> " in told
