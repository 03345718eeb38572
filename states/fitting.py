"""Whether the vault's key is the one that a database was sealed with: told apart from single rows that are damaged."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from states.records import table_of
from states.tables import Contact, Person
from states.vault import Vault, VaultError

_SAMPLE = 20
"""Rows of each kind that are tried: so many damaged ones together are taken for a wrong key."""

_CONTACT, _PERSON = table_of(Contact), table_of(Person)


def key_fits(connection: Connection, vault: Vault) -> bool:
    """Say whether the key opens any of the first rows; also where nothing is sealed yet.

    One row that opens proves the key. Whatever else does not open then is damaged by itself.
    """
    tried = False
    for sealed, bound_to in _sealed(connection):
        if _opens(vault, sealed, bound_to):
            return True
        tried = True
    return not tried


def _sealed(connection: Connection) -> Iterator[tuple[str, str]]:
    for party, channel, address in connection.execute(select(_CONTACT.c.party, _CONTACT.c.channel, _CONTACT.c.address).limit(_SAMPLE)):
        yield address, f"contact {party} {channel}"
    for nomination, body in connection.execute(select(_PERSON.c.nomination, _PERSON.c.body).limit(_SAMPLE)):
        yield body, f"person {nomination}"


def _opens(vault: Vault, sealed: str, bound_to: str) -> bool:
    try:
        vault.open(sealed, bound_to)
    except VaultError:
        return False
    return True
