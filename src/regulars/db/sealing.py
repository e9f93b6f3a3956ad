"""Personal data is sealed per member, and found again by keyed hashes: without the keys it is noise."""

import hmac
import os
from hashlib import blake2b, sha256
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_SECRET_BYTES_MIN: Final = 32
_NONCE_BYTES: Final = 12


class WeakSecret(ValueError):
    """The secret is too short: give at least 32 random bytes, for example from `openssl rand -hex 32`."""


class Unreadable(Exception):
    """Sealed data cannot be opened: it was sealed under another secret, or altered."""


class MemberKey:
    """The key of one member. Without `wrapped`, which is all that is stored of it, nothing it sealed can be read."""

    def __init__(self, member_id: UUID, wrapped: bytes, key: bytes) -> None:
        self.wrapped = wrapped
        self._bound_to = member_id.bytes
        self._cipher = AESGCM(key)

    def seal(self, text: bytes) -> bytes:
        """Return the text sealed with AES-256-GCM, bound to the member."""
        return _locked(self._cipher, text, self._bound_to)

    def open(self, sealed: bytes) -> bytes:
        """Return the text that `seal` sealed.

        Raises: Unreadable.
        """
        return _unlocked(self._cipher, sealed, self._bound_to)


class Keyring:
    """The keys that are derived from the installation's one secret, each for one purpose."""

    def __init__(self, secret: bytes) -> None:
        """Raises: WeakSecret, when the secret has fewer than 32 bytes."""
        if len(secret) < _SECRET_BYTES_MIN:
            raise WeakSecret(WeakSecret.__doc__)
        self._finding = _derived(secret, b"find")
        self._wrapping = AESGCM(_derived(secret, b"wrap"))
        self._coding = _derived(secret, b"code")
        self._pooling = AESGCM(_derived(secret, b"pool"))

    def fingerprint(self, *parts: str) -> bytes:
        """Return the 32-byte keyed hash by which a value can be found without being stored.

        Parts are told apart by their lengths, so that moving a character from one to the next changes it.
        """
        message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.digest(self._finding, message, "sha256")

    def code_of(self, voucher_id: UUID) -> bytes:
        """Return the 32 bytes that a voucher's code is spelled from: the same ones whenever it is shown."""
        return hmac.digest(self._coding, voucher_id.bytes, "sha256")

    def seal_code(self, programme_id: str, pool: str, code: str) -> bytes:
        """Return a code that somebody else made, sealed with AES-256-GCM and bound to its pool."""
        return _locked(self._pooling, code.encode(), f"{programme_id}/{pool}".encode())

    def open_code(self, programme_id: str, pool: str, sealed: bytes) -> str:
        """Return the code that `seal_code` sealed.

        Raises: Unreadable.
        """
        return _unlocked(self._pooling, sealed, f"{programme_id}/{pool}".encode()).decode()

    def new_key(self, member_id: UUID) -> MemberKey:
        """Return a fresh key for a member, wrapped under the master key."""
        key = AESGCM.generate_key(256)
        return MemberKey(member_id, _locked(self._wrapping, key, member_id.bytes), key)

    def member_key(self, member_id: UUID, wrapped: bytes) -> MemberKey:
        """Return the member's key again.

        Raises: Unreadable.
        """
        return MemberKey(member_id, wrapped, _unlocked(self._wrapping, wrapped, member_id.bytes))


def new_secret(kind: str) -> tuple[str, str]:
    """Return a prefix by which people tell secrets apart, and a secret of 256 random bits that starts with it."""
    prefix = f"{kind}_{os.urandom(4).hex()}"
    return prefix, f"{prefix}_{os.urandom(32).hex()}"


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
