"""Verifies the ledger: the triggers stand, the chain holds, and the tables are what replaying it gives (DESIGN, section 6)."""

import json
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Connection, select

from states.ledger import HOUSE, canonical, digest, entry_hash, genesis
from states.ledger_triggers import missing_triggers
from states.people import content_of, open_person
from states.records import key_of, table_of
from states.store import Store
from states.tables import RECORDED, Chain, Delivery, LedgerEntry, Person, Round, Row, RulesText, VaultText
from states.vault import Vault, VaultError, salted

_AT_A_TIME = 2_000
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


@dataclass
class Replayed:
    """What the entries amount to: rows of each table by key, outcomes of deliveries, digests of texts and of rules."""

    rows: dict[str, Rows] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    rules: dict[tuple[str, int], str] = field(default_factory=dict)

    def fold(self, event: str, payload: dict[str, Any]) -> None:
        """Apply one entry."""
        for table, key, values in payload.get("changes", ()):
            row = self.rows.setdefault(table, {}).setdefault(canonical(list(key.values())), {})
            row.update(key | values)
            if table == "round" and "rules_digest" in values:
                self.rules[row["slug"], row["rules_version"]] = row["rules_digest"]
        if event == "deliveries_settled":
            self.outcomes.update(payload["outcomes"])
        self.texts.update({text["id"]: text["digest"] for text in payload.get("texts", ())})


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
        _compare_deliveries(connection, replayed.outcomes, report)
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
    """Apply all entries in the order of their time: parties are changed from more than one chain."""
    entry, replayed = table_of(LedgerEntry), Replayed()
    query = select(entry.c.round, entry.c.seq, entry.c.event, entry.c.payload).order_by(entry.c.at, entry.c.round, entry.c.seq)
    for row in connection.execute(query.execution_options(yield_per=_AT_A_TIME)):
        try:
            replayed.fold(row.event, json.loads(row.payload))
        except (ValueError, TypeError, KeyError, AttributeError):  # what was tampered with may have any form
            report.findings.append(f"台账 {row.round} 第 {row.seq} 条读不出来，无法重放")
    return replayed


def _compare(connection: Connection, row_type: type[Row], folded: Rows, report: Report) -> None:
    table = table_of(row_type)
    left = dict(folded)
    for row in connection.execute(select(table)).mappings():
        key = canonical(list(_plain(dict(zip(table.primary_key.columns.keys(), key_of(row_type, dict(row)), strict=True))).values()))
        recorded = left.pop(key, None)
        found = _plain({name: value for name, value in row.items() if name not in row_type.beside})
        if recorded is None:
            report.findings.append(f"表 {table.name} 的 {key} 在台账中没有记载")
        elif recorded != found:
            names = "、".join(sorted(name for name in found if recorded.get(name) != found[name]))
            report.findings.append(f"表 {table.name} 的 {key} 与台账不符：{names}")
    report.findings += [f"台账记载的 {table.name} {key} 在表中没有了" for key in left]


def _compare_deliveries(connection: Connection, outcomes: dict[str, str], report: Report) -> None:
    delivery = table_of(Delivery)
    settled = select(delivery.c.id, delivery.c.status).where(delivery.c.in_ledger)
    stored = {row.id: row.status for row in connection.execute(settled)}
    differing = sorted(key for key in stored.keys() | outcomes.keys() if stored.get(key) != outcomes.get(key))
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


def _compare_texts(connection: Connection, vault: Vault, texts: dict[str, str], report: Report) -> None:
    """Hold every text still in the vault against its digest; a purged text is no finding."""
    text = table_of(VaultText)
    for key, body, salt in connection.execute(select(text.c.id, text.c.body, text.c.salt)):
        try:
            agrees = texts.get(key) == salted(salt, vault.open(body, f"text {key}"))
        except VaultError:
            agrees = False
        if not agrees:
            report.findings.append(f"保密库文本 {key} 与台账不符")


def _compare_people(connection: Connection, vault: Vault, nominations: Rows, report: Report) -> None:
    """Hold every candidate still in the vault against the digest that the nomination carries."""
    recorded = {row["number"]: row["content"] for row in nominations.values()}
    for row in connection.execute(select(table_of(Person))):
        try:
            kept = open_person(vault, cast("Person", row))
            agrees = recorded.get(row.nomination) == salted(row.salt, content_of(kept.candidate))
        except VaultError:
            agrees = False
        if not agrees:
            report.findings.append(f"保密库中 {row.nomination} 的申报人资料与台账不符")


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(canonical(values))
    return plain
