"""Candidates in the vault: kept whole and encrypted, found again by keyed hash."""

import json
from dataclasses import dataclass
from typing import Any

from config.vocabulary import NominationState
from states.candidate import Candidate
from states.eligibility import Facts, facts_of
from states.tables import Nomination, Person
from states.vault import Vault, pack, salted
from states.work import Work


@dataclass(frozen=True)
class Kept:
    """A candidate as kept, with the place it was read from (file and row)."""

    candidate: Candidate
    place: str


def content_of(candidate: Candidate) -> str:
    """Give a candidate's content in one text, for comparing two rows."""
    return pack(candidate.model_dump(mode="json"))


def keep_person(work: Work, nomination: str, candidate: Candidate, place: str) -> str:
    """Put a nomination's candidate into the vault, in place of an earlier one; gives the salted digest of the content."""
    salt, content = work.vault.salt(), content_of(candidate)
    values = {
        "round": work.round.slug,
        "body": work.vault.seal(pack({"candidate": json.loads(content), "place": place}), f"person {nomination}"),
        "identity": work.vault.lookup(candidate.id_card),
        "content": work.vault.fingerprint(content),
        "salt": salt,
    }
    old = work.records.get(Person, nomination)
    if old is None:
        work.beside(Person, nomination=nomination, **values)
    else:
        work.records.set(Person, old, values)
    return salted(salt, content)


def open_person(vault: Vault, row: Person) -> Kept:
    """Open one kept candidate. Raises ``VaultError`` when the key does not fit."""
    body: dict[str, Any] = json.loads(vault.open(row.body, f"person {row.nomination}"))
    return Kept(Candidate.model_validate(body["candidate"]), body["place"])


def candidate_of(work: Work, nomination: str) -> Candidate:
    """Give the candidate of a nomination of this round."""
    row = work.records.get(Person, nomination)
    if row is None:
        raise LookupError(f"nomination {nomination} has no person")
    return open_person(work.vault, row).candidate


def same_person(work: Work, candidate: Candidate, besides: str = "") -> Person | None:
    """Find the same identity-card number in this round, but for withdrawn nominations and the one named ``besides``."""
    rows = work.records.where(Person, round=work.round.slug, identity=work.vault.lookup(candidate.id_card))
    for row in rows:
        nomination = work.nomination(row.nomination)
        if row.nomination != besides and (nomination is None or nomination.state != NominationState.WITHDRAWN):
            return row
    return None


def facts_for_findings(work: Work, candidate: Candidate) -> Facts:
    """Give what eligibility asks, with the house's own earlier rounds consulted (notice, N4)."""
    earlier = [row.nomination for row in work.records.where(Person, identity=work.vault.lookup(candidate.id_card))]
    certified = NominationState.GOVERNMENT_CERTIFIED.value
    rows = work.records.where(Nomination, number=earlier, state=certified) if earlier else []
    return facts_of(candidate, earlier_craftsman=any(row.round != work.round.slug for row in rows))
