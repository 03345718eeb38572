"""Files that go with messages: an expert's score sheets, ready to be filled in, and the text of a public notice."""

from sqlalchemy.exc import SQLAlchemyError

from config.programme import Programme
from flows.workbooks import filled
from flows.workbooks.rows import ScoreRow
from notifiers.attaching import Maker
from notifiers.cleaning import one_line
from notifiers.outgoing import Attachment, Paper, PaperKind
from states.errors import HallmarkError
from states.frozen import frozen_programme
from states.people import open_person
from states.records import Records
from states.store import Store
from states.tables import Nomination, NoticeBatch, Party, Person, Round
from states.vault import Vault

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def paper_maker(store: Store, vault: Vault) -> Maker:
    """Give what makes the files of this house's messages."""

    def make(paper: Paper) -> Attachment | None:
        try:
            with store.read() as connection:
                return _make(Records(connection), vault, paper)
        except (HallmarkError, LookupError, SQLAlchemyError):
            return None

    return make


def notice_text(programme: Programme, title: str, batch: NoticeBatch, nominees: str) -> list[str]:
    """Give the paragraphs of a public notice: who, from when to when, and where objections go (N20 社会公示)."""
    return [
        f"{title} 公示",
        f"根据《{programme.source.title}》，经{programme.bodies.leading_group}审定，现将拟认定人选予以公示。",
        f"公示期：{batch.first_day} 至 {batch.last_day}（{programme.notice.working_days} 个工作日，首日计入）。",
        nominees,
        f"公示期内如有异议，请以书面形式署名向{programme.bodies.office}反映，来信以邮戳为准。",
        *filter(None, (programme.messages.contact_line,)),
    ]


def _make(records: Records, vault: Vault, paper: Paper) -> Attachment | None:
    row = records.get(Round, paper.round)
    if row is None:
        return None
    programme = frozen_programme(row.rules)
    if paper.kind is PaperKind.SCORE_SHEET:
        rows = [ScoreRow(expert=paper.subject, nomination=number, marks={}) for number in paper.numbers]
        return Attachment(paper.name, _XLSX, filled("scores", rows, rubric=programme.review.rubric))
    batch = records.get(NoticeBatch, paper.subject)
    if batch is None:
        return None
    paragraphs = notice_text(programme, row.title, batch, _nominees(records, vault, batch))
    # Editors of some systems take a text for another encoding when nothing at its head says which.
    return Attachment(paper.name, "text/plain", ("\r\n\r\n".join(paragraphs) + "\r\n").encode("utf-8-sig"))


def _nominees(records: Records, vault: Vault, batch: NoticeBatch) -> str:
    lines = []
    for position, row in enumerate(records.where(Nomination, batch=batch.id), 1):
        person, unit = records.get(Person, row.number), records.get(Party, row.unit)
        candidate = open_person(vault, person).candidate if person else None
        name, employer = (candidate.name, candidate.employer) if candidate else ("（已清除）", "")
        lines.append(f"{position}. {one_line(name)}，{one_line(employer)}（{one_line(unit.name if unit else row.unit)}推荐）")
    return "\r\n".join(lines)
