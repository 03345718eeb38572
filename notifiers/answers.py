"""What each address answered that a message was refused by, in order: kept with the message, addresses masked."""

from collections.abc import Sequence

from notifiers.cleaning import masked_address
from states.commands.roster import CONTACT_NAMES
from states.errors import numbered
from states.tables import Delivery

NO_CONTACT = "没有联系方式"
GONE = "收件人已不在任，也没有代理人能收"
NO_CHANNEL = "现有的联系方式没有渠道能送到"


def with_answer(told: Sequence[Sequence[str]], contact: str, address: str, answer: str) -> list[Sequence[str]]:
    """Give the answers of before and that of an address, of a class of the roster, which is not tried again."""
    return [*told, (" ".join(filter(None, (CONTACT_NAMES.get(contact, contact), masked_address(address)))), answer)]


def every_answer(delivery: Delivery) -> str:
    """Say what each address answered, and at last why there was no other; a message of before knows its last answer alone."""
    told = delivery.answers or []
    last = [delivery.answer] if not told or told[-1][1] != delivery.answer else []
    return numbered([*(f"{address}：{answer}" for address, answer in told), *last])
