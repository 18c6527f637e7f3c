"""Compute the root of a Merkle tree, hashed as RFC 6962 says."""

from collections.abc import Sequence
from hashlib import sha256

_LEAF, _NODE = b"\x00", b"\x01"


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree with these leaves, in this order."""
    level = [sha256(_LEAF + leaf).digest() for leaf in leaves]
    if not level:
        return sha256().digest()
    while len(level) > 1:
        pairs = [sha256(_NODE + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]  # an odd one is a node of the next level
    return level[0]
