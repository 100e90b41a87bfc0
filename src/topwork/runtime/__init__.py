"""The process that topwork runs in: its cores, what it writes, what a fork leaves of it."""

from topwork.runtime.atomic import TemporaryFolder, new_folder, write_whole
from topwork.runtime.cores import usable_cores
from topwork.runtime.forks import Forkable, keep_for_ever, watch_forks

__all__ = [
    "Forkable",
    "TemporaryFolder",
    "keep_for_ever",
    "new_folder",
    "usable_cores",
    "watch_forks",
    "write_whole",
]
