"""The signed root of one day: what it says of all chains, and which root it follows."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from complaints.audit.merkle import merkle_root
from complaints.procedure.chain import canonical_json

SIGNED_AS = "complaints audit root 1"
"""So that the key's signature of anything else is none of a root."""


class Leaf(NamedTuple):
    """The head of a complaint's chain."""

    reference: str
    sequence: int
    link: str


class AuditRoot(BaseModel):
    """The root over the heads of all chains."""

    model_config = ConfigDict(frozen=True)

    day: date
    """There is one root a day at most."""
    at: datetime
    complaints: int
    """How many leaves the tree has."""
    root: str
    """Of the Merkle tree over all leaves, by reference."""
    changes: str
    """The digest of the leaves that are new or have grown since the root before."""
    previous: str | None
    """The digest of the root before; None: it is the first."""

    def content(self) -> bytes:
        """Return what is signed."""
        instant = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        fields = [self.complaints, self.root, self.changes, self.previous]
        return canonical_json([SIGNED_AS, self.day.isoformat(), instant, *fields]).encode()

    @property
    def digest(self) -> str:
        """The digest by which the next root names this one."""
        return sha256(self.content()).hexdigest()


class SignedRoot(AuditRoot):
    """A root with its signature by Ed25519, as text."""

    signature: str


class RootFile(BaseModel):
    """What a file of the folder holds: a root, and the leaves that are new or have grown."""

    root: SignedRoot
    leaves: list[Leaf]


def tree_root(leaves: Iterable[Leaf]) -> str:
    """Return the root of the tree over all leaves, sorted by reference."""
    return merkle_root([canonical_json(leaf).encode() for leaf in sorted(leaves)]).hex()


def digest_changes(leaves: Iterable[Leaf]) -> str:
    """Digest the leaves that a root adds."""
    return sha256(canonical_json(sorted(leaves)).encode()).hexdigest()


def grown(heads: Iterable[Leaf], signed: dict[str, Leaf]) -> list[Leaf]:
    """Return the heads that are new or have grown, by reference.

    A head that was signed otherwise stays as it was signed: no later root takes over a change of the past.
    """
    return sorted(
        head for head in heads if head.reference not in signed or head.sequence > signed[head.reference].sequence
    )
