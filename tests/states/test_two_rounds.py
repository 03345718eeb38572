"""Two rounds at once: whoever one of them certifies has no place in the other any more (notice, N4)."""

from datetime import date

from config.vocabulary import Vote
from states.commands.certification import Certify
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.rounds import OpenRound
from states.tables import Nomination
from tests.states.builders import Story
from tests.states.figures import SLUG, UNIT, candidate, local, number, rules

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
    story.slug, first = OTHER, number(1, "BJGJ-2024")
    text = passing("qualification", "expert_review", "leadership", "notice")
    story.do(OpenRound(**story.who, rules=text, opens_on=date(2023, 7, 6)))
    story.submit(candidate(1))
    story.do(RecordEndorsements(**story.who, rows=(EndorsementRow(nomination=first, unit=UNIT, agrees=True),)))
    story.tick(local(9, 1))
    story.do(Certify(**story.who, document="滨政发〔2023〕8号", document_date=date(2023, 9, 1)))
    assert story.row(Nomination, number=first).state == "government_certified"
    story.slug = SLUG


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
