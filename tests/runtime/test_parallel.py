import pytest

from topwork.runtime import parallel


@pytest.mark.parametrize("cores", [1, 4])
def test_results_come_in_order(monkeypatch, cores):
    monkeypatch.setattr(parallel, "usable_cores", lambda: cores)
    assert parallel.side_by_side(lambda x: x * x, range(6)) == [0, 1, 4, 9, 16, 25]


def test_errors_come_through(monkeypatch):
    monkeypatch.setattr(parallel, "usable_cores", lambda: 2)
    with pytest.raises(ZeroDivisionError):
        parallel.side_by_side(lambda x: 1 / x, [1, 0])


def test_cores_are_counted():
    assert parallel.usable_cores() >= 1
