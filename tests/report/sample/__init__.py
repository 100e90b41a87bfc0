"""A rich report about nothing, with tame or with hostile names."""

from tests.report.sample.whole import lean, sample
from tests.report.sample.words import HOSTILE

__all__ = ["HOSTILE", "lean", "sample"]
