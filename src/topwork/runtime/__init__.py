"""The process that topwork runs in: its cores and folders, its files, what a fork leaves of it."""

from topwork.runtime.atomic import TemporaryFolder, new_folder, write_whole
from topwork.runtime.cores import usable_cores
from topwork.runtime.folders import bound, cache_folder, forget_old, state_folder, writable
from topwork.runtime.forks import Forkable, keep_for_ever, watch_forks

__all__ = [
    "Forkable",
    "TemporaryFolder",
    "bound",
    "cache_folder",
    "forget_old",
    "keep_for_ever",
    "new_folder",
    "state_folder",
    "usable_cores",
    "watch_forks",
    "writable",
    "write_whole",
]
