"""The roster: who the parties are, how they are reached, and when they are in office."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar, cast

from pydantic import BaseModel, ConfigDict

from config.calendar import LAST_DAY
from config.labels import label
from config.nearest import perhaps
from config.vocabulary import PartyKind, Promptness, Role
from states.command import CLOCK, Command
from states.errors import CommandRefused, Refusal
from states.locked_out import all_leave, nobody_left, office_after, puts_himself_out
from states.outcome import Outcome, Skip, Touch
from states.records import Light
from states.tables import Contact, Party
from states.vault import VaultError

if TYPE_CHECKING:
    from states.work import Recorder, Work

_EARLIEST = date(1949, 10, 1)
"""Nobody took office in the service of this republic before it."""
CONTACT_NAMES = {"mail": "邮箱", "mail-2": "备用邮箱", "phone": "电话", "web": "网络消息"}
"""Classes of address, as the roster's columns are called."""


class RosterEntry(BaseModel):
    """One party as the roster gives it.

    ``contacts`` maps a channel's class (``mail``, ``web``, ``phone``, a second one ``mail-2``) to an address; the one of
    the ``preferred`` class is used first. While the ``deputy`` holds, first and last day included, what is for the party
    goes there. ``promptness`` says for a kind of message (``*`` for any) whether it comes at once or in the digest.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: PartyKind
    name: str
    parent: str = ""
    roles: tuple[Role, ...] = ()
    field: str = ""
    employer: str = ""
    person: str = ""
    contacts: dict[str, str] = {}
    preferred: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    deputy: str = ""
    deputy_from: date | None = None
    deputy_to: date | None = None
    promptness: dict[str, Promptness] = {}


class ImportRoster(Command):
    """Enter new parties and change known ones; whoever is not in the roster stays as they are.

    A party's line is all there is about it: an address that it no longer gives is used no more.

    The outcome's ``data`` has ``remarks``: that whoever enters it, or after some day nobody, could enter the next one.

    The very first roster may be entered by an operator whom it names itself, since nobody is known before it.
    """

    title: ClassVar[str] = "导入名册"

    entries: tuple[RosterEntry, ...]

    def newcomer(self, work: "Work") -> Party | None:
        """Give the operator out of this very roster while the house knows no operator at all."""
        if work.records.where(Party, kind=PartyKind.OPERATOR.value):
            return None
        mine = [entry for entry in self.entries if entry.kind == PartyKind.OPERATOR and entry.id == self.operator.strip()]
        return _light(mine[0]) if len(mine) == 1 else None

    def plan(self, work: "Work") -> Outcome:
        """Refuse the whole roster for a parent or a deputy that is not there, a circle of superiors, two lines for one id, or no office."""
        known = {party.id: party for party in work.records.where(Party)}
        left = office_after(self.entries, known, work.today)
        if refusals := [*roster_refusals(self.entries, known), *nobody_left(left)]:
            raise CommandRefused("名册有误，未作任何改动", refusals)
        warnings = [*puts_himself_out(work.actor.operator, left), *all_leave(self.entries, known)]
        touched, skipped = [], []
        for entry in _parents_first(self.entries):
            gone = "、".join(CONTACT_NAMES.get(contact.channel, contact.channel) for contact in _gone(work, entry))
            if _write(work, entry, known.get(entry.id)):
                touched.append(Touch(subject=entry.id, note=f"{label(entry.kind)}{f'；停用联系方式：{gone}' if gone else ''}"))
            else:
                skipped.append(Skip(subject=entry.id, reason="与现有名册相同"))
        return Outcome(
            summary=f"名册：新增或更新 {len(touched)} 个，未变 {len(skipped)} 个",
            touched=tuple(touched),
            skipped=tuple(skipped),
            data={"remarks": [each.model_dump() for each in warnings]},
        )


def roster_refusals(entries: tuple[RosterEntry, ...], known: dict[str, Party]) -> list[Refusal]:
    """Find all that is wrong with the lines of a roster together; ``known`` are parties by their ids that need no line."""
    refusals = [Refusal("clock-id", f"编号 {CLOCK} 是系统时钟的，请另取一个") for entry in entries if entry.id.strip() == CLOCK]
    return [
        *refusals,
        *_doubles(entries),
        *_lineage(entries, known),
        *_deputies(entries, known),
        *_preferred(entries),
        *_strange_days(entries),
    ]


def _light(entry: RosterEntry) -> Party:
    return cast("Party", Light(id=entry.id, kind=entry.kind.value, name=entry.name, roles=[role.value for role in entry.roles]))


def _doubles(entries: tuple[RosterEntry, ...]) -> list[Refusal]:
    seen: set[str] = set()
    refusals = []
    for entry in entries:
        if entry.id in seen:
            refusals.append(Refusal("id-twice", f"编号 {entry.id} 在名册中出现两次"))
        seen.add(entry.id)
    return refusals


def _lineage(entries: tuple[RosterEntry, ...], known: dict[str, Party]) -> list[Refusal]:
    """Find parents that are not there, and circles."""
    parents = {party.id: party.parent or "" for party in known.values()} | {entry.id: entry.parent for entry in entries}
    refusals = []
    for entry in entries:
        path = [entry.id]
        while parents.get(path[-1]):
            above = parents[path[-1]]
            if above not in parents:
                refusals.append(Refusal("no-parent", f"编号 {path[-1]} 的上级编号 {above} 不在名册中{perhaps(above, parents)}"))
                break
            if above in path:
                refusals.append(Refusal("parent-circle", f"编号 {entry.id} 的上级关系绕成了圈：{' → '.join([*path, above])}"))
                break
            path.append(above)
    return list(dict.fromkeys(refusals))


def _deputies(entries: tuple[RosterEntry, ...], known: dict[str, Party]) -> Iterator[Refusal]:
    """Find deputies that are nobody, or the party itself, and days of a deputy that cannot be."""
    ids = {entry.id for entry in entries} | set(known)
    for entry in entries:
        if entry.deputy and entry.deputy not in ids:
            yield Refusal("no-deputy", f"编号 {entry.id} 的代理人编号 {entry.deputy} 不在名册中{perhaps(entry.deputy, ids - {entry.id})}")
        if entry.deputy == entry.id:
            yield Refusal("own-deputy", f"编号 {entry.id} 的代理人是自己，请填另一方的编号")
        if not entry.deputy and (entry.deputy_from or entry.deputy_to):
            yield Refusal("deputy-days", f"编号 {entry.id} 有代理日期而没有代理人，请填代理人编号，或删去日期")
        if entry.deputy_from and entry.deputy_to and entry.deputy_to < entry.deputy_from:
            yield Refusal("deputy-days", f"编号 {entry.id} 的代理止日早于代理起日，请改正")


def _preferred(entries: tuple[RosterEntry, ...]) -> Iterator[Refusal]:
    for entry in entries:
        if entry.preferred and entry.preferred not in entry.contacts:
            name = CONTACT_NAMES.get(entry.preferred, entry.preferred)
            yield Refusal("not-reached-there", f"编号 {entry.id} 首选{name}，却没有填{name}，请补上，或改首选")


def _strange_days(entries: tuple[RosterEntry, ...]) -> Iterator[Refusal]:
    """Find days that must be slips: 9999 written for no end, a cell of a workbook read as 1900."""
    for entry in entries:
        days = {"生效日期": entry.valid_from, "失效日期": entry.valid_to, "代理起日": entry.deputy_from, "代理止日": entry.deputy_to}
        for name, day in days.items():
            if day is not None and not _EARLIEST <= day <= LAST_DAY:
                yield Refusal("strange-day", f"编号 {entry.id} 的{name} {day} 不像真的日期，请核对年份；长期有效的请留空")


def _parents_first(entries: tuple[RosterEntry, ...]) -> list[RosterEntry]:
    """Order the entries so that a superior stands before whoever is below it."""
    by_id = {entry.id: entry for entry in entries}

    def depth(entry: RosterEntry) -> int:
        return 1 + depth(by_id[entry.parent]) if entry.parent in by_id else 0

    return sorted(entries, key=depth)


def _write(work: "Work", entry: RosterEntry, old: Party | None) -> bool:
    values = {
        "kind": entry.kind.value,
        "name": entry.name,
        "parent": entry.parent or None,
        "roles": sorted(role.value for role in entry.roles),
        "field": entry.field,
        "employer": entry.employer,
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
        "deputy": entry.deputy or None,
        "deputy_from": entry.deputy_from,
        "deputy_to": entry.deputy_to,
        "promptness": {kind: word.value for kind, word in sorted(entry.promptness.items())},
    }
    if old is None:
        recorder = work.record("party_registered", entry.id)
        recorder.insert(Party, id=entry.id, **values)
        write_contacts(work, recorder, entry.id, entry.contacts, entry.person, entry.preferred)
        return True
    changed = {name: value for name, value in values.items() if getattr(old, name) != value}
    if not changed and not _contacts_differ(work, entry):
        return False
    recorder = work.record("party_changed", entry.id)
    if changed:
        recorder.update(Party, old, **changed)
    write_contacts(work, recorder, entry.id, entry.contacts, entry.person, entry.preferred)
    return True


def write_contacts(work: "Work", recorder: "Recorder", party: str, contacts: dict[str, str], person: str, preferred: str = "") -> None:
    """Put a party's addresses into the vault; the entry names the channels only. One that is not among them ends with yesterday.

    The preferred one ranks first, the others follow by name.
    """
    ended = [row for row in _in_use(work, party) if row.channel not in contacts]
    for row in ended:
        work.records.set(Contact, row, {"valid_to": work.today - timedelta(days=1)})
    for rank, channel in enumerate(_ranked(contacts, preferred), start=1):
        address = contacts[channel]
        sealed = {
            "address": work.vault.seal(address, f"contact {party} {channel}"),
            "person": work.vault.seal(person, f"person {party} {channel}"),
        }
        old = work.records.get(Contact, party, channel)
        if old is None:
            work.beside(Contact, party=party, channel=channel, rank=rank, **sealed)
        else:
            work.records.set(Contact, old, {**sealed, "rank": rank, "valid_from": None, "valid_to": None})
    if contacts:
        recorder.entry.payload["channels"] = sorted(contacts)
    if ended:
        recorder.entry.payload["ended"] = [row.channel for row in ended]


def _ranked(contacts: dict[str, str], preferred: str) -> list[str]:
    return sorted(contacts, key=lambda channel: (channel != preferred, channel))


def _contacts_differ(work: "Work", entry: RosterEntry) -> bool:
    known = {row.channel: row for row in _in_use(work, entry.id)}
    if known.keys() != entry.contacts.keys() or any(_differs(work, known[channel], entry) for channel in known):
        return True
    return sorted(known, key=lambda channel: known[channel].rank) != _ranked(entry.contacts, entry.preferred)


def _differs(work: "Work", old: Contact, entry: RosterEntry) -> bool:
    try:
        kept = work.vault.open(old.address, f"contact {old.party} {old.channel}")
        person = work.vault.open(old.person, f"person {old.party} {old.channel}") if old.person else ""
    except VaultError:
        if work.key_fits:
            return True  # damaged: written anew
        raise
    return (kept, person) != (entry.contacts[old.channel], entry.person)


def _in_use(work: "Work", party: str) -> list[Contact]:
    return [row for row in work.records.where(Contact, party=party) if row.valid_to is None or row.valid_to >= work.today]


def _gone(work: "Work", entry: RosterEntry) -> list[Contact]:
    return [row for row in _in_use(work, entry.id) if row.channel not in entry.contacts]
