"""Verifies the ledger: the triggers stand, the chain holds, and the tables are what replaying it gives."""

import heapq
import json
from collections.abc import Generator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, select

from config.vocabulary import DeliveryStatus
from states.ledger import HOUSE, canonical, digest, entry_hash, genesis, row_digest
from states.ledger_triggers import missing_triggers
from states.people import content_of, open_person
from states.records import defaults_of, key_of, table_of
from states.store import Store
from states.tables import RECORDED, Chain, Contact, Delivery, LedgerEntry, Party, Person, Round, Row, RulesText, VaultText
from states.vault import Vault, VaultError, salted, sealed_columns

_AT_A_TIME = 2_000
_PURGED = ("*", "")
"""What stands in the place of a party's name and employer when they are purged."""
Rows = dict[str, dict[str, Any]]


@dataclass
class Report:
    """What a verification found: ``entries`` read, and a Chinese sentence for everything that does not agree."""

    chains: int = 0
    entries: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def verified(self) -> bool:
        """Whether nothing disagreed."""
        return not self.findings


class Told(NamedTuple):
    """One entry as the replay reads it; ``after`` is its place among all chains."""

    after: tuple[int, int, str, int]
    chain: str
    event: str
    subject: str
    payload: dict[str, Any]


@dataclass
class Replayed:
    """What the entries amount to: rows of each table by key, outcomes of deliveries, digests of what stands beside.

    A text is known by its chain, its subject and its digest; an outcome by the chain that tells it and the delivery.
    """

    rows: dict[str, Rows] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], str] = field(default_factory=dict)
    texts: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    contacts: dict[tuple[str, str], str] = field(default_factory=dict)
    rules: dict[tuple[str, int], str] = field(default_factory=dict)
    reopened: set[str] = field(default_factory=set)

    def fold(self, told: Told) -> None:
        """Apply one entry."""
        event, payload = told.event, told.payload
        for table, key, values in payload.get("changes", ()):
            row = self.rows.setdefault(table, {}).setdefault(canonical(list(key.values())), {})
            row.update(key | values)
            if table == "round" and "rules_digest" in values:
                self.rules[row["slug"], row["rules_version"]] = row["rules_digest"]
        self._settle(told.chain, event, payload)
        self.texts.update({text["id"]: (told.chain, told.subject, text["digest"]) for text in payload.get("texts", ())})
        self.contacts.update({(each["party"], each["channel"]): each["digest"] for each in payload.get("contacts", ())})

    def _settle(self, chain: str, event: str, payload: dict[str, Any]) -> None:
        """Apply how deliveries ended, and what an operator found out of those that were unknown."""
        if event == "deliveries_settled":
            self.outcomes.update({(chain, key): status for key, status in payload["outcomes"].items()})
        for key in payload["deliveries"] if event in ("deliveries_resent", "deliveries_confirmed") else ():
            self.outcomes.pop((chain, key), None)
            self.reopened.add(key)
            if event == "deliveries_confirmed":
                self.outcomes[chain, key] = DeliveryStatus.SENT.value


def verify(store: Store, vault: Vault | None = None) -> Report:
    """Verify every chain of a house and replay them onto its tables; with a vault, what it holds against its digests too.

    Reads one consistent look at the database and changes nothing.
    """
    report = Report()
    with store.read() as connection:
        report.findings += [f"台账的保护触发器“{name}”缺失或被改动" for name in missing_triggers(connection)]
        for chain in connection.execute(select(table_of(Chain)).order_by("name")).mappings():
            _walk(connection, dict(chain), report)
        report.findings += [f"台账 {name} 没有登记在册" for name in _strays(connection)]
        replayed = _replay(connection, report)
        for row_type in RECORDED:
            _compare(connection, row_type, replayed.rows.get(table_of(row_type).name, {}), report)
        _compare_names(connection, report)
        _compare_contacts(connection, replayed.contacts, report)
        _compare_deliveries(connection, replayed, report)
        _compare_rules(connection, replayed.rules, report)
        if vault is not None:
            _compare_texts(connection, vault, replayed.texts, report)
            _compare_people(connection, vault, replayed.rows.get("nomination", {}), report)
    return report


def _walk(connection: Connection, chain: dict[str, Any], report: Report) -> None:
    """Re-compute one chain from its genesis to its head."""
    report.chains += 1
    head, seq = chain["genesis"], 0
    if chain["name"] == HOUSE and head != genesis(HOUSE, ""):
        report.findings.append("全局台账的起点被改动")
    entry = table_of(LedgerEntry)
    query = select(entry).where(entry.c.round == chain["name"]).order_by(entry.c.seq).execution_options(yield_per=_AT_A_TIME)
    with connection.execute(query) as rows:
        for row in rows.mappings():
            seq += 1
            report.entries += 1
            if row["seq"] != seq:
                report.findings.append(f"台账 {chain['name']} 缺少第 {seq} 条")
                return
            if row["prev"] != head or row["hash"] != entry_hash(dict(row)):
                report.findings.append(f"台账 {chain['name']} 第 {seq} 条被改动：哈希不符")
                return
            head = row["hash"]
    if (seq, head) != (chain["seq"], chain["head"]):
        report.findings.append(f"台账 {chain['name']} 的末尾与登记不符（{seq} 条，应为 {chain['seq']} 条）")


def _strays(connection: Connection) -> list[str]:
    """Name the chains that have entries and no row of their own."""
    entry = table_of(LedgerEntry)
    query = select(entry.c.round).where(entry.c.round.not_in(select(table_of(Chain).c.name))).distinct()
    return sorted(connection.execute(query).scalars())


def _replay(connection: Connection, report: Report) -> Replayed:
    """Apply all entries, each chain in its own order; no clock is asked, since clocks go back."""
    entry, replayed = table_of(LedgerEntry), Replayed()
    with ExitStack() as open_chains:
        names = connection.execute(select(entry.c.round).distinct()).scalars().all()
        chains = [open_chains.enter_context(closing(_told(connection, name, report))) for name in sorted(names)]
        for told in heapq.merge(*chains, key=lambda each: each.after):
            try:
                replayed.fold(told)
            except (ValueError, TypeError, KeyError, AttributeError):  # what was tampered with may have any form
                report.findings.append(_unreadable(told.chain, told.after[-1]))
    return replayed


def _told(connection: Connection, chain: str, report: Report) -> Generator[Told, None, None]:
    """Read one chain. What a round does stands after the newest entry of the house that it has seen, and before the next."""
    entry, seen = table_of(LedgerEntry), 0
    columns = (entry.c.seq, entry.c.event, entry.c.subject, entry.c.payload)
    query = select(*columns).where(entry.c.round == chain).order_by(entry.c.seq).execution_options(yield_per=_AT_A_TIME)
    with connection.execute(query) as rows:
        for row in rows:
            try:
                payload = json.loads(row.payload)
                seen = row.seq if chain == HOUSE else max(seen, payload.get("house_seq", seen))
            except (ValueError, TypeError, AttributeError):  # the same
                report.findings.append(_unreadable(chain, row.seq))
                continue
            yield Told((seen, chain != HOUSE, chain, row.seq), chain, row.event, row.subject, payload)


def _unreadable(chain: str, seq: int) -> str:
    return f"台账 {chain} 第 {seq} 条读不出来，无法重放"


def _compare(connection: Connection, row_type: type[Row], folded: Rows, report: Report) -> None:
    table = table_of(row_type)
    left = dict(folded)
    unsaid = _plain({name: value for name, value in defaults_of(row_type).items() if name in row_type.added})
    for row in connection.execute(select(table)).mappings():
        key = canonical(list(_plain(dict(zip(table.primary_key.columns.keys(), key_of(row_type, dict(row)), strict=True))).values()))
        recorded = left.pop(key, None)
        found = _plain({name: value for name, value in row.items() if name not in row_type.beside})
        if recorded is None:
            report.findings.append(f"表 {table.name} 的 {key} 在台账中没有记载")
        elif (recorded := unsaid | recorded) != found:
            names = "、".join(sorted(name for name in found if recorded.get(name) != found[name]))
            report.findings.append(f"表 {table.name} 的 {key} 与台账不符：{names}")
    report.findings += [f"台账记载的 {table.name} {key} 在表中没有了" for key in left]


def _compare_names(connection: Connection, report: Report) -> None:
    """Hold every party's name and employer against the digest that the party carries; purged ones are no finding."""
    for row in connection.execute(select(table_of(Party)).order_by("id")).mappings():
        purged = (row["name"], row["employer"]) == _PURGED
        if not purged and row["content"] != sealed_columns(Party, row["salt"], dict(row)):
            report.findings.append(f"名册中 {row['id']} 的名称或工作单位与台账不符")


def _compare_contacts(connection: Connection, contacts: dict[tuple[str, str], str], report: Report) -> None:
    """Hold every address against its digest; a purged one is no finding."""
    for row in connection.execute(select(table_of(Contact)).order_by("party", "channel")).mappings():
        if contacts.get((row["party"], row["channel"])) != row_digest(dict(row)):
            report.findings.append(f"{row['party']} 的联系方式（{row['channel']}）与台账不符")


def _compare_deliveries(connection: Connection, replayed: Replayed, report: Report) -> None:
    """Hold every outcome against the chain of the delivery's own round; others that it spoke of only repeat it.

    What an operator said of one in another round reaches its own with the next outcomes; until then its own may
    still say what was before.
    """
    delivery = table_of(Delivery)
    rows = connection.execute(select(delivery.c.id, delivery.c.round, delivery.c.status, delivery.c.in_ledger)).all()
    stored = {(row.round, row.id): row.status for row in rows if row.in_ledger}
    homes = {row.id: row.round for row in rows}
    ended = (DeliveryStatus.UNKNOWN.value, DeliveryStatus.REFUSED_FOR_GOOD.value)
    before = {row.id: (*ended, row.status) for row in rows if not row.in_ledger and row.id in replayed.reopened}
    own = {(chain, key): status for (chain, key), status in replayed.outcomes.items() if homes.get(key, chain) == chain}
    told = {(chain, key): status for (chain, key), status in own.items() if status not in before.get(key, ())}
    differing = sorted({key for chain, key in stored.keys() | told.keys() if stored.get((chain, key)) != told.get((chain, key))})
    report.findings += [f"送达 {key[:12]} 的结果与台账不符" for key in differing]


def _compare_rules(connection: Connection, recorded: dict[tuple[str, int], str], report: Report) -> None:
    """Hold every version of a round's frozen rules against its digest, and the first against the chain's genesis."""
    row, text, chain = table_of(Round), table_of(RulesText), table_of(Chain)
    texts = {(each.round, each.version): each.text for each in connection.execute(select(text))}
    for slug, version in sorted(recorded):
        if digest(texts.get((slug, version), "")) != recorded[slug, version]:
            report.findings.append(f"{slug} 第 {version} 版认定办法被改动或缺失")
    for slug, rules, rules_digest in connection.execute(select(row.c.slug, row.c.rules, row.c.rules_digest)):
        if digest(rules) != rules_digest:
            report.findings.append(f"{slug} 冻结的认定办法被改动")
    for name, start in connection.execute(select(chain.c.name, chain.c.genesis).where(chain.c.name != HOUSE)):
        if genesis(name, texts.get((name, 1), "")) != start:
            report.findings.append(f"{name} 最初的认定办法与台账起点不符")


def _compare_texts(connection: Connection, vault: Vault, texts: dict[str, tuple[str, str, str]], report: Report) -> None:
    """Hold every text still in the vault against its digest, chain, subject and kind; a purged text is no finding."""
    for row in connection.execute(select(table_of(VaultText))):
        try:
            found = (row.round, row.subject, salted(row.salt, vault.open(row.body, f"text {row.id}")))
            agrees = texts.get(row.id) == found and row.kind == row.id.rpartition("-")[0]
        except VaultError:
            agrees = False
        if not agrees:
            report.findings.append(f"保密库文本 {row.id} 与台账不符")


def _compare_people(connection: Connection, vault: Vault, nominations: Rows, report: Report) -> None:
    """Hold every candidate still in the vault, and what finds them, against the digest that the nomination carries."""
    recorded = {row.get("number"): (row.get("round"), row.get("content")) for row in nominations.values()}
    for row in connection.execute(select(table_of(Person))):
        try:
            candidate = open_person(vault, cast("Person", row)).candidate
            content = content_of(candidate)
            kept = (row.identity, row.content) == (vault.lookup(candidate.id_card), vault.fingerprint(content))
            agrees = kept and recorded.get(row.nomination) == (row.round, salted(row.salt, content))
        except VaultError:
            agrees = False
        if not agrees:
            report.findings.append(f"保密库中 {row.nomination} 的申报人资料与台账不符")


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(canonical(values))
    return plain
