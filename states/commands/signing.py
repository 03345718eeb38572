"""Signers: operators with an authenticator, for programmes that ask for signatures (wall 10)."""

from typing import TYPE_CHECKING, ClassVar

import pyotp
from sqlalchemy import select

from config.vocabulary import PartyKind
from states.command import Command
from states.errors import CommandRefused, Refusal
from states.outcome import Outcome, Touch
from states.records import table_of
from states.signatures import KIND
from states.tables import VaultText

if TYPE_CHECKING:
    from states.house import House
    from states.work import Work

ISSUER = "Hallmark"


class EnrolSigner(Command):
    """Give an operator a fresh secret for one-time codes; an earlier one is gone from then on.

    While a running round asks for signatures, it is signed by somebody who is enrolled; the very first may be enrolled
    without, since nobody could sign for them.

    The secret itself is in the vault alone: ``provisioning_uri`` shows it to whoever sets up the authenticator.
    """

    title: ClassVar[str] = "登记动态码"
    enrols: ClassVar[bool] = True

    signer: str

    def plan(self, work: "Work") -> Outcome:
        """Refuse anybody who is not an operator of the roster."""
        signer = self.signer.strip()
        party = work.party(signer)
        if party is None or party.kind != PartyKind.OPERATOR:
            near = work.instead(signer, lambda: work.ids(PartyKind.OPERATOR))
            raise CommandRefused("不能登记动态码", [Refusal("no-operator", f"名册里没有编号为“{signer}”的经办人{near}")])
        recorder = work.record("signer_enrolled", signer)
        known = work.records.where(VaultText, kind=KIND, subject=signer)
        if known:
            work.replace_text(recorder, known[0], work.vault.shared_secret())
        else:
            work.keep_text(recorder, KIND, work.vault.shared_secret())
        again = "重新" if known else ""
        return Outcome(summary=f"已为经办人 {signer} {again}登记动态码", touched=(Touch(subject=signer),))


def provisioning_uri(house: "House", operator: str) -> str:
    """Give the otpauth address that an authenticator reads, secret included: show it once, to that operator alone.

    Raises ``CommandRefused`` for an operator who was never enrolled.
    """
    text = table_of(VaultText)
    query = select(text.c.id, text.c.body).where(text.c.kind == KIND, text.c.subject == operator.strip())
    with house.store.read() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise CommandRefused("没有动态码", [Refusal("not-enrolled", f"经办人“{operator.strip()}”还没有登记动态码")])
    secret = house.vault.open(row.body, f"text {row.id}")
    return pyotp.TOTP(secret).provisioning_uri(name=operator.strip(), issuer_name=ISSUER)
