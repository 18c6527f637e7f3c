"""Sign roots with an Ed25519 key, and verify signatures."""

import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from complaints.audit.roots import AuditRoot, SignedRoot

HOW_TO_MAKE = "make one with: openssl genpkey -algorithm ed25519 -out audit.key"
HOW_TO_MAKE_PUBLIC = "make it with: openssl pkey -in audit.key -pubout -out audit.pub"
_END = b"-----END PUBLIC KEY-----"


class AuditKeyError(Exception):
    """A key file is of no use; the message says why, and the remedy."""


class RootSigner:
    """Signs roots with one private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def load(cls, file: Path) -> "RootSigner":
        """Read a private key (PEM). Raises AuditKeyError."""
        content = _read(file)
        try:
            key = serialization.load_pem_private_key(content, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise AuditKeyError(f"{file} holds no Ed25519 private key; {HOW_TO_MAKE}")
        return cls(key)

    def sign(self, root: AuditRoot) -> SignedRoot:
        return SignedRoot(**dict(root), signature=self._key.sign(root.content()).hex())

    def public_key(self) -> bytes:
        """Return the public key (PEM)."""
        return self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


class RootVerifier:
    """Knows the public keys by which roots may be signed: the one in use, and earlier ones."""

    def __init__(self, keys: Sequence[Ed25519PublicKey]) -> None:
        self._keys = keys

    @classmethod
    def load(cls, file: Path) -> "RootVerifier":
        """Read a file of one or more public keys (PEM). Raises AuditKeyError."""
        blocks = [block + _END for block in _read(file).split(_END)[:-1]]
        try:
            keys = [serialization.load_pem_public_key(block.strip()) for block in blocks]
        except (ValueError, UnsupportedAlgorithm):
            keys = []
        ours = [key for key in keys if isinstance(key, Ed25519PublicKey)]
        if not ours or len(ours) < len(keys):
            raise AuditKeyError(f"{file} holds no Ed25519 public key; {HOW_TO_MAKE_PUBLIC}")
        return cls(ours)

    def is_signed(self, root: SignedRoot) -> bool:
        return any(_is_signed_by(key, root) for key in self._keys)


def make_key(file: Path, public_file: Path) -> None:
    """Make a key pair, unless the private key is there. Only its owner may read it."""
    if not file.exists():
        key = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(key)
    public_file.write_bytes(RootSigner.load(file).public_key())


def _is_signed_by(key: Ed25519PublicKey, root: SignedRoot) -> bool:
    try:
        key.verify(bytes.fromhex(root.signature), root.content())
    except (InvalidSignature, ValueError):
        return False
    return True


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise AuditKeyError(f"cannot read {file} ({error.strerror})") from error
