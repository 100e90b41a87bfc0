"""Heads on more rows than fit into memory, by passes over them in tasks."""

from topwork.heads.streaming.logistic import StreamedHead, stream_logistic
from topwork.heads.streaming.passes import RowSource
from topwork.heads.streaming.ridge import StreamedRidge, stream_ridge

__all__ = ["RowSource", "StreamedHead", "StreamedRidge", "stream_logistic", "stream_ridge"]
