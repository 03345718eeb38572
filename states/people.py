"""Candidates in the vault: kept whole and encrypted, found again by keyed hash."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from config.conditions import HonourExcluded
from config.vocabulary import NominationState
from states import eligibility
from states.candidate import Candidate
from states.eligibility import Facts, evaluate, facts_of
from states.errors import Refusal
from states.tables import Finding, Nomination, Person
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
    identity = work.vault.lookup(candidate.id_card)
    return facts_of(candidate, earlier_craftsman=identity in _certified_elsewhere(work, [identity]))


def certified_before(work: Work, candidate: Candidate) -> list[str]:
    """Give the numbers under which other rounds of this house have certified a candidate."""
    rows = work.records.where(Person, identity=work.vault.lookup(candidate.id_card))
    others = [row.nomination for row in rows if row.round != work.round.slug]
    state = NominationState.GOVERNMENT_CERTIFIED.value
    return [row.number for row in work.records.where(Nomination, number=others, state=state)] if others else []


def honours_anew(work: Work, numbers: Iterable[str]) -> dict[tuple[str, str], eligibility.Finding]:
    """Evaluate the condition on honours anew: another round may have certified the person since, or revoked it (notice, N4).

    Gives the findings that rest on another fact than the recorded ones, by nomination and condition.
    """
    wanted = list(numbers)
    people = work.records.where(Person, nomination=wanted)
    elsewhere = _certified_elsewhere(work, [person.identity for person in people])
    recorded = {(row.nomination, row.condition): row.fact for row in work.records.where(Finding, nomination=wanted)}
    found = {}
    for person in people:
        for finding in _honours(work, person, earlier_craftsman=person.identity in elsewhere):
            key = (person.nomination, finding.condition)
            if recorded.get(key, finding.fact) != finding.fact:
                found[key] = finding
    return found


def honour_refusals(work: Work, numbers: Iterable[str]) -> dict[str, Refusal]:
    """Give the refusal for each nomination whose person another round of this house has certified since (notice, N4).

    To be asked wherever a place is given away; a finding that was waived in knowledge of it stands.
    """
    wanted = list(numbers)
    people = {person.nomination: person.identity for person in work.records.where(Person, nomination=wanted)}
    elsewhere = _certified_elsewhere(work, list(people.values()))
    certified = [number for number in wanted if people.get(number) in elsewhere]
    refusals = {}
    for (number, condition), found in honours_anew(work, certified).items():
        refusals[number] = Refusal(f"finding-{condition}", f"另一届已认定本人（{found.fact}）", f"{found.clause} {found.quote}")
    return refusals


def _honours(work: Work, person: Person, *, earlier_craftsman: bool) -> list[eligibility.Finding]:
    facts = facts_of(open_person(work.vault, person).candidate, earlier_craftsman)
    names = {condition.id for condition in work.programme.conditions if isinstance(condition.test, HonourExcluded)}
    return [finding for finding in evaluate(work.programme, facts) if finding.condition in names]


def _certified_elsewhere(work: Work, identities: list[str]) -> set[str]:
    """Say which of these people another round of this house has certified."""
    others = {row.nomination: row.identity for row in work.records.where(Person, identity=identities) if row.round != work.round.slug}
    state = NominationState.GOVERNMENT_CERTIFIED.value
    return {others[row.number] for row in work.records.where(Nomination, number=list(others), state=state)} if others else set()
