"""Search: the items nearest to one."""

from topwork.unsupervised.retrieval.result import Hit, SearchResult
from topwork.unsupervised.retrieval.search_index import SearchIndex

__all__ = ["Hit", "SearchIndex", "SearchResult"]
