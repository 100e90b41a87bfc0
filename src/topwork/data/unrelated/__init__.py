"""A few items that have nothing to do with anybody's classes, to measure a detector by."""

from topwork.data.unrelated.items import UnrelatedItems, unrelated_items

__all__ = ["UnrelatedItems", "unrelated_items"]
