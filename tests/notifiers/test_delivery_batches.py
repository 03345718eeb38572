"""Batches follow each other closely: one commit between two of them, and never more than one of them sending."""

from pathlib import Path

from sqlalchemy import event

from notifiers.delivery import Report, deliver
from notifiers.leases import BATCH
from notifiers.outgoing import Outcome, Outgoing
from states.tables import Delivery
from tests.notifiers.arrivals import crowd
from tests.notifiers.rounds import Post, Town, opened

UNITS = 2 * BATCH - 5


class Counting(Post):
    """A post that notes, whenever a message leaves, how many commits there were and how many messages are sending."""

    def watch(self, town: Town) -> None:
        self.town, self.commits = town, 0
        self.seen: list[tuple[int, int]] = []
        event.listen(town.house.store.engine, "commit", self._committed)

    def _committed(self, _: object) -> None:
        self.commits += 1

    def send(self, message: Outgoing) -> Outcome:
        self.seen.append((self.commits, len(self.town.rows(Delivery, status="sending"))))
        return super().send(message)


def test_batch_is_settled_by_the_commit_that_begins_the_next(tmp_path: Path) -> None:
    town, post = opened(tmp_path, crowd(UNITS)), Counting()
    town.tell()
    post.watch(town)
    assert deliver(town.house, post, "postman", at_once=1) == Report(sent=UNITS + 3, failed=1)
    commits = [commits for commits, _ in post.seen]
    assert commits[-1] - commits[0] == 1
    assert max(sending for _, sending in post.seen) == BATCH
    town.house.store.dispose()
