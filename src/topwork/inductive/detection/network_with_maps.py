"""The network that heads stand on, where a detector was asked for whose own gives no maps."""

from __future__ import annotations

from topwork.backbones import DEFAULT_BACKBONE, resolve
from topwork.backbones.detectors.query_detector import find_query_detector
from topwork.errors import BackboneError
from topwork.settings.fit import AUTO


def network_with_maps(asked: str, strategy: str) -> str:
    """The name of the network for heads: the one that was asked for, or the usual one.

    The usual one stands in for a detector such as YOLOS only where the detector itself is
    fine-tuned as well.

    Parameters
    ----------
    asked
        Name of a backbone.

    Raises
    ------
    BackboneError
        It can't be had.

    Examples
    --------
    >>> network_with_maps("packaged:efficientnet_lite0", "auto")
    'packaged:efficientnet_lite0'
    """
    if strategy not in {AUTO, "full"} or find_query_detector(asked) is None or _gives_maps(asked):
        return asked
    return DEFAULT_BACKBONE


def _gives_maps(name: str) -> bool:
    try:
        network = resolve(name).load()
    except BackboneError as error:
        if error.code != "no_maps":
            raise
        return False
    return any(len(network.shapes[one]) == 3 for one in network.maps)
