"""Two rounds at once: whoever one of them certifies has no place in the other any more (notice, N4)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from threading import Thread

from config.vocabulary import Vote
from states.command import Command
from states.commands.certification import Certify
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from states.errors import CommandRefused
from states.tables import Nomination
from tests.states.builders import Story
from tests.states.figures import ROSTER, SLUG, UNIT, candidate, local, number, rules

OTHER = "bjgj-2024"
N4 = "N4 已认定为区级及以上工匠的人员，不作为本届“滨江工匠”候选人选"
REFUSED = f"{number(1)} 另一届已认定本人（往届已认定）（{N4}）"


def passing(*stages: str) -> str:
    """The other round's rules, with these stages passed through."""
    text = rules(("number_prefix: BJGJ-2023", "number_prefix: BJGJ-2024"))
    for stage in stages:
        before, mark, after = text.partition(f"\n  {stage}:  ")
        assert mark
        text = f"{before}\n  {stage}:\n    skip: true #{after}"
    return text


def certify_elsewhere(story: Story) -> None:
    """Let the other round take the first candidate from its opening to the certificate, and come back to this one."""
    story.do(notice_elsewhere(story))
    assert story.row(Nomination, number=number(1, "BJGJ-2024")).state == "government_certified"


def notice_elsewhere(story: Story) -> Certify:
    """Let the other round take the first candidate up to the end of its notice; gives the command that would certify."""
    story.slug, first = OTHER, number(1, "BJGJ-2024")
    text = passing("qualification", "expert_review", "leadership", "notice")
    story.do(OpenRound(**story.who, rules=text, opens_on=date(2023, 7, 6)))
    story.submit(candidate(1))
    story.do(RecordEndorsements(**story.who, rows=(EndorsementRow(nomination=first, unit=UNIT, agrees=True),)))
    story.tick(local(9, 1))
    certify = Certify(**story.who, document="滨政发〔2023〕8号", document_date=date(2023, 9, 1))
    story.slug = SLUG
    return certify


@contextmanager
def in_the_same_instant(story: Story, command: Command) -> Iterator[list[object]]:
    """Give a command from another thread just when the one given inside has made its plan and written nothing yet."""
    ended: list[object] = []

    def give() -> None:
        try:
            ended.append(story.send(command))
        except CommandRefused as error:
            ended.extend(error.refusals)

    def begin() -> list[str]:
        if not threads:
            threads.append(Thread(target=give))
            threads[0].start()
            threads[0].join(timeout=0.5)  # whoever must wait for us is still waiting then
        return []

    threads: list[Thread] = []
    story.told_by = begin
    yield ended
    story.told_by = None
    threads[0].join()


def test_person_whom_another_round_certified_goes_in_with_a_remark(story: Story) -> None:
    """Perhaps the file is an earlier round's; whether the person may compete is for the qualification to say."""
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    story.clock.move_to(local(7, 6))
    certify_elsewhere(story)
    story.clock.move_to(local(9, 4))
    story.do(OpenRound(**story.who, rules=rules(), opens_on=date(2023, 9, 4)))
    result = story.submit(candidate(1), candidate(2))
    assert [touch.note for touch in result.outcome.touched] == ["第2行", "第3行"]
    assert result.outcome.data["remarks"] == [
        {"subject": "第2行", "reason": "本人已在另一届获得认定（BJGJ-2024-0001）；已照录，请核对是不是拿错了表（N4）"}
    ]
    story.verified()


def test_person_whom_another_round_certified_is_not_approved(story: Story) -> None:
    story.reviewed(2)
    certify_elsewhere(story)
    assert [str(each) for each in story.refused(story.resolution(story.vote(1), story.vote(2)))] == [REFUSED]
    story.do(story.resolution(story.vote(1, Vote.PASS_OVER), story.vote(2)))
    assert story.states() == ["not_selected", "leadership_approved"]
    story.verified()


def test_person_whom_another_round_certified_is_not_certified_again(story: Story) -> None:
    story.noticed(2)
    story.clock.move_to(local(7, 13))
    certify_elsewhere(story)
    assert [str(each) for each in story.refused(story.certify())] == [REFUSED]
    story.do(story.certify(2))
    assert story.states() == ["publicly_noticed", "government_certified"]
    story.verified()


def test_person_is_certified_by_one_of_two_rounds_that_certify_at_the_same_instant(story: Story) -> None:
    story.noticed(2)
    story.clock.move_to(local(7, 13))
    other = notice_elsewhere(story)
    mine, theirs = (each.model_copy(update={"plan_code": story.send(each).plan_code}) for each in (story.certify(), other))
    with in_the_same_instant(story, theirs) as ended:
        story.send(mine)
    assert story.states() == ["government_certified", "government_certified"]
    assert [str(each) for each in ended] == [REFUSED.replace(number(1), number(1, "BJGJ-2024"))]
    story.verified()
