"""Whoever is told above an owner of work has one name on the board, in the calendar and in the plan: that of the party."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import insert, update

from flows.bootstrap import App
from flows.reading import Foreseen, round_plan
from flows.reading.naming import Names
from flows.rehearsal import coming_ticks, round_future
from states.obligations import LEADING_GROUP
from states.records import Records, table_of
from states.tables import Party
from tests.flows.conftest import SLUG

OFFICE_NAME, GROUP_NAME = "区工匠认定工作领导小组办公室", "区工匠认定工作领导小组"
DAY = date(2023, 6, 14)


def escalations(lines: Sequence[Foreseen]) -> dict[tuple[str, str], str]:
    return {(line.what, line.audience or ""): line.named for line in lines if line.kind == "escalation" and not line.expected}


def test_board_and_plan_name_the_office_and_superiors_alike(opened: App) -> None:
    board, plan = escalations(coming_ticks(opened, SLUG).lines), escalations(round_future(opened, SLUG).lines)
    reckoned = escalations(round_plan(opened, SLUG)[0])
    assert plan["升级“出具推荐意见”逾期1个工作日", "superior"] == OFFICE_NAME
    for (what, audience), named in board.items():
        assert named == GROUP_NAME or named == plan[what, audience]
        assert named == reckoned.get((what, audience), named)
    assert "的上级单位" not in "".join((*board.values(), *reckoned.values()))


def test_above_a_party_stands_its_nearest_superior_in_office(opened: App) -> None:
    with opened.house.store.write() as connection:
        roster = (("c", None, None), ("b", "c", date(2023, 6, 13)), ("a", "b", None))
        rows = [Party(id=each, kind="subdistrict_union", name=f"单位{each}", parent=above, valid_to=left) for each, above, left in roster]
        connection.execute(insert(table_of(Party)), [row.model_dump() for row in rows])
        office = table_of(Party).c.kind == "district_office"
        connection.execute(update(table_of(Party)).where(office).values(name="区工匠办"))
        names = Names(connection)
        office_id = Records(connection).where(Party, kind="district_office")[0].id
    found = [names.above(party, DAY) for party in ("a", "c", office_id, LEADING_GROUP, "nobody")]
    assert found == ["单位c", "区工匠办", GROUP_NAME, "区工匠办", "区工匠办"]
    assert names.above("a", date(2023, 6, 13)) == "单位b"
    known = (coming_ticks(opened, SLUG).lines, round_plan(opened, SLUG)[0], round_future(opened, SLUG).lines)
    assert not [line for lines in known for line in lines if OFFICE_NAME in line.to]  # nor where it is only expected
