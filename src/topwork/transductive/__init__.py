"""The same task in a new domain, without labels there."""

from typing import TYPE_CHECKING, Any

from topwork.settings import AdaptSettings
from topwork.transductive.adapting import Adapted, adapt
from topwork.transductive.auditing import AuditSheet
from topwork.transductive.result import AdaptResult, AdaptResults
from topwork.transductive.stream import Step, Stream

if TYPE_CHECKING:
    from topwork.transductive.domain_adapter import DomainAdapter

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


def __getattr__(name: str) -> Any:
    if name == "DomainAdapter":  # its base class makes scikit-learn load
        from topwork.transductive.domain_adapter import DomainAdapter

        return DomainAdapter
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
