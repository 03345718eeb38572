"""Finding a round by its slug, with near matches for a slip of typing."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from config.nearest import instead, nearest
from config.vocabulary import RoundState
from states.errors import HallmarkError
from states.records import Records, table_of
from states.tables import Round

_RUNNING = [state.value for state in RoundState if state not in (RoundState.CLOSED, RoundState.CANCELLED)]


class NotFound(HallmarkError):
    """There is no such round or nomination; ``near`` holds what may have been meant."""

    def __init__(self, sentence: str, near: Sequence[str] = ()) -> None:
        self.near = tuple(near)
        super().__init__(sentence)


def known_rounds(connection: Connection) -> list[str]:
    """Give the slugs of all rounds, those that opened last first."""
    table = table_of(Round)
    return list(connection.execute(select(table.c.slug).order_by(table.c.opens_on.desc(), table.c.slug)).scalars())


def running_rounds(connection: Connection) -> list[str]:
    """Give the slugs of the rounds that have not ended."""
    return [row.slug for row in Records(connection).where(Round, state=_RUNNING)]


def find_round(connection: Connection, slug: str) -> Round:
    """Give a round. Raises ``NotFound`` with near matches, or with all rounds where none is near."""
    found = Records(connection).get(Round, slug.strip())
    if found is None:
        raise not_found("届次", slug.strip(), known_rounds(connection))
    return found


def not_found(what: str, wanted: str, known: Sequence[str]) -> NotFound:
    """Make the refusal for something that is not there, out of what is."""
    if not known:
        return NotFound(f"没有{what}“{wanted}”：数据库里还没有任何{what}。")
    return NotFound(f"没有{what}“{wanted}”{instead(wanted, known)}。", nearest(wanted, known))
