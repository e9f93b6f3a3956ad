"""Personal data is sealed per member, and found again by keyed hashes: without the keys it is noise."""

import hmac
import os
from hashlib import blake2b, sha256
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

_SECRET_BYTES_MIN: Final = 32
_NONCE_BYTES: Final = 12


class WeakSecret(ValueError):
    """The secret is too short: give at least 32 random bytes, for example from `openssl rand -hex 32`."""


class Unreadable(Exception):
    """Sealed data cannot be opened: it was sealed under another secret, or altered."""


class Sealed(Struct, frozen=True):
    """A member's personal data under the member's own key, and that key under the master key."""

    text: bytes
    wrapped_key: bytes


class Keyring:
    """The keys that are derived from the installation's one secret, each for one purpose."""

    def __init__(self, secret: bytes) -> None:
        """Raises: WeakSecret, when the secret has fewer than 32 bytes."""
        if len(secret) < _SECRET_BYTES_MIN:
            raise WeakSecret(WeakSecret.__doc__)
        self._finding = _derived(secret, b"find")
        self._wrapping = AESGCM(_derived(secret, b"wrap"))

    def fingerprint(self, *parts: str) -> bytes:
        """Return the 32-byte keyed hash by which a value can be found without being stored.

        Parts are told apart by their lengths, so that moving a character from one to the next changes it.
        """
        message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.digest(self._finding, message, "sha256")

    def seal(self, member_id: UUID, text: bytes) -> Sealed:
        """Return a member's data sealed under a fresh key of that member (AES-256-GCM)."""
        key = AESGCM.generate_key(256)
        return Sealed(
            text=_locked(AESGCM(key), text, member_id.bytes),
            wrapped_key=_locked(self._wrapping, key, member_id.bytes),
        )

    def open(self, member_id: UUID, sealed: Sealed) -> bytes:
        """Return the data that `seal` sealed for the member.

        Raises: Unreadable.
        """
        key = _unlocked(self._wrapping, sealed.wrapped_key, member_id.bytes)
        return _unlocked(AESGCM(key), sealed.text, member_id.bytes)


def secret_hash(secret: str) -> bytes:
    """Return the hash under which a random secret, such as an API key, is kept; it needs no salt, being random."""
    return sha256(secret.encode()).digest()


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return blake2b(purpose, digest_size=32, key=blake2b(secret, digest_size=64).digest(), person=b"regulars").digest()


def _locked(cipher: AESGCM, text: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, text, bound_to)


def _unlocked(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
    except InvalidTag as error:
        raise Unreadable(Unreadable.__doc__) from error
