"""Features: extraction in one pass, and the store that keeps them."""

from topwork.features.extract import Extraction, Wanted, extract
from topwork.features.fingerprint import Fingerprint, fingerprint
from topwork.features.folders import cache_folder, state_folder
from topwork.features.forward import Progress, Reading, Steps, forward, silent
from topwork.features.store import FeatureStore, LanceStore, MemoryStore

__all__ = [
    "Extraction",
    "FeatureStore",
    "Fingerprint",
    "LanceStore",
    "MemoryStore",
    "Progress",
    "Reading",
    "Steps",
    "Wanted",
    "cache_folder",
    "extract",
    "fingerprint",
    "forward",
    "silent",
    "state_folder",
]
