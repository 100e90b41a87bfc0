"""Maps: items in two dimensions, neighbours side by side."""

from topwork.unsupervised.maps.map_items import map_items
from topwork.unsupervised.maps.result import MapResult

__all__ = ["MapResult", "map_items"]
