"""The same task in a new domain, without labels there."""

from topwork.settings import AdaptSettings
from topwork.transductive.adapting import Adapted, adapt
from topwork.transductive.auditing import AuditSheet
from topwork.transductive.domain_adapter import DomainAdapter
from topwork.transductive.result import AdaptResult, AdaptResults
from topwork.transductive.stream import Step, Stream

__all__ = [
    "AdaptResult",
    "AdaptResults",
    "AdaptSettings",
    "Adapted",
    "AuditSheet",
    "DomainAdapter",
    "Step",
    "Stream",
    "adapt",
]
