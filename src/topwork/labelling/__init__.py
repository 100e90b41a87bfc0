"""Which items to label next."""

from topwork.labelling.choosing import Choice, choose_next
from topwork.labelling.next_items import next_items
from topwork.labelling.result import NextItem, NextResult

__all__ = ["Choice", "NextItem", "NextResult", "choose_next", "next_items"]
