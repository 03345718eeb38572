"""The vault: personal data and free text, encrypted with a key outside the database, found by keyed hash."""

import base64
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from states.clock import Chance
from states.errors import HallmarkError
from states.ledger import digest
from states.tables import Row

KEY_BYTES = 32
_NONCE_BYTES = 12
_SALT_BYTES = 16
_SECRET_BYTES = 20


class VaultError(HallmarkError):
    """The key is missing, readable by others, or does not fit the data."""


class Vault:
    """Encrypts with AES-256-GCM and finds by HMAC-SHA256, under two keys derived from the one in the file."""

    def __init__(self, key: bytes, chance: Chance) -> None:
        self._cipher = AESGCM(_derive(key, b"hallmark vault encryption"))
        self._finder = _derive(key, b"hallmark vault lookup")
        self._chance = chance

    def seal(self, text: str, bound_to: str) -> str:
        """Encrypt a text; ``bound_to`` names the row and column, so that a value moved elsewhere does not open."""
        nonce = self._chance.token(_NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), bound_to.encode())).decode()

    def open(self, sealed: str, bound_to: str) -> str:
        """Decrypt a text. Raises ``VaultError`` when the key or the place does not fit."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound_to.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise VaultError("保密库的密钥与数据不符：请找回原来的密钥文件（vault.key）") from error

    def lookup(self, text: str) -> str:
        """Give the keyed hash by which the same text is found again, in hex."""
        return hmac.digest(self._finder, text.strip().upper().encode(), "sha256").hex()

    def fingerprint(self, text: str) -> str:
        """Give the keyed hash of a text as it stands, in hex: what may be kept of inputs that hold personal data."""
        return hmac.digest(self._finder, text.encode(), "sha256").hex()

    def salt(self) -> str:
        """Give a fresh salt, in hex, for a digest that the ledger holds."""
        return self._chance.token(_SALT_BYTES).hex()

    def shared_secret(self) -> str:
        """Give a fresh secret of 160 bits in base32, as an authenticator takes it (RFC 4226)."""
        return base64.b32encode(self._chance.token(_SECRET_BYTES)).decode()


def salted(salt: str, text: str) -> str:
    """Give the digest of a text under its salt: what the ledger may hold of it."""
    return digest("salted", salt, text)


def sealed_columns(row_type: type[Row], salt: str, values: Mapping[str, Any]) -> str:
    """Give the salted digest of a row's sealed columns: what its ``content`` holds."""
    return salted(salt, pack({name: values[name] for name in row_type.sealed}))


def load_key(path: Path, chance: Chance) -> bytes:
    """Read the vault's key, making it on the first use (mode 0600).

    Raises ``VaultError`` when the file is not a key, cannot be made, or may be read by others.
    """
    try:
        _create(path, chance)
        if path.stat().st_mode & 0o077:
            raise VaultError(f"密钥文件 {path.name} 能被他人读取：请执行 chmod 600 收紧权限")
        key = base64.b64decode(path.read_text(encoding="ascii"), validate=True)
    except (OSError, ValueError) as error:
        raise VaultError(f"密钥文件 {path.name} 不能读写：{error.__class__.__name__}") from error
    if len(key) != KEY_BYTES:
        raise VaultError(f"密钥文件 {path.name} 的内容不是有效的密钥")
    return key


def pack(fields: dict[str, Any]) -> str:
    """Give one text of several fields, for sealing."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True)


def _create(path: Path, chance: Chance) -> None:
    """Make the key whole or not at all: two first starts at once agree on one key."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{chance.token(8).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(chance.token(KEY_BYTES)))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)
