"""What is wrong with the data: copies, conflicts, doubtful labels."""

from topwork.quality.duplicates import Duplicates, Pair, find_duplicates
from topwork.quality.groups import join_groups
from topwork.quality.thumbnails import DECODED, SIDE, thumbnail

__all__ = ["DECODED", "SIDE", "Duplicates", "Pair", "find_duplicates", "join_groups", "thumbnail"]
