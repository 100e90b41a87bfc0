"""Splits for judging; the same that heads use inside their training data."""

from __future__ import annotations

from topwork.heads.folds import stratified_folds

__all__ = ["stratified_folds"]
