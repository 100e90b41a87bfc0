"""Errors reach the user from other processes as they were raised."""

from __future__ import annotations

import pickle

import pytest

from topwork.errors import BackboneError, ParameterError, UserError
from topwork.runtime.executor import ProcessExecutor


def refuse(name: str) -> None:
    raise BackboneError(f"{name} is unsuited.", remedy="Choose another.", code="no_maps")


@pytest.mark.parametrize("kind", [UserError, ParameterError, BackboneError])
def test_an_error_is_the_same_after_pickling(kind: type[UserError]) -> None:
    error = kind("This.", remedy="Do that.", instead=("a", "b"))
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == "This. Do that."
    assert (again.code, again.instead) == (kind.code, ("a", "b"))


def test_an_error_of_a_process_arrives() -> None:
    with ProcessExecutor(1) as executor, pytest.raises(BackboneError) as refused:
        executor.map(refuse, ["yolos"])
    assert (refused.value.message, refused.value.code) == ("yolos is unsuited.", "no_maps")
