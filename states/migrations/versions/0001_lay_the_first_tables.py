"""Lay the first tables.

The first revision.
"""

import sqlalchemy as sa
from alembic import op

from states.ledger_triggers import STATEMENTS
from states.tables.base import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 - one statement for each table and index
    """Bring the schema forward."""
    op.create_table(
        "chain",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("genesis", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chain")),
    )
    op.create_table(
        "command",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command")),
    )
    with op.batch_alter_table("command", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_command_digest"), ["digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_command_round"), ["round"], unique=False)

    op.create_table(
        "cursor",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "chain", name=op.f("pk_cursor")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("tried", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("in_ledger", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'claimed', 'sending', 'sent', 'refused_for_good', 'refused_for_now', 'unknown')",
            name=op.f("ck_delivery_status_word"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_round"), ["round"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_status"), ["status"], unique=False)

    op.create_table(
        "ledger_entry",
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("round", "seq", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("round", "prev", name=op.f("uq_ledger_entry_round")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_entry_event"), ["event"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_entry_subject"), ["subject"], unique=False)

    op.create_table(
        "notification",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("due_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notification")),
        sa.UniqueConstraint("round", "cause", "recipient", "due_version", name=op.f("uq_notification_round")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notification_delivery"), ["delivery"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_recipient"), ["recipient"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_round"), ["round"], unique=False)

    op.create_table(
        "party",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("employer", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('district_office', 'member_unit', 'subdistrict_union', 'union_federation', 'system_union', 'employer', "
            "'expert', 'leading_group', 'leading_group_member', 'department', 'government', 'operator')",
            name=op.f("ck_party_kind_word"),
        ),
        sa.ForeignKeyConstraint(["parent"], ["party.id"], name=op.f("fk_party_parent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
    )
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_party_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_party_name"), ["name"], unique=False)

    op.create_table(
        "person",
        sa.Column("nomination", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("nomination", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_identity"), ["identity"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_round"), ["round"], unique=False)

    op.create_table(
        "round",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("held_at", Instant(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("intake_closed_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("numbered", sa.Integer(), nullable=False),
        sa.Column("number_prefix", sa.String(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("rules_digest", sa.String(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(state IN ('closed', 'cancelled')) = (closed_at IS NOT NULL)", name=op.f("ck_round_closed")),
        sa.CheckConstraint("(held) = (held_at IS NOT NULL)", name=op.f("ck_round_held")),
        sa.CheckConstraint(
            "state IN ('planned', 'intake', 'cancelled') OR intake_closed_at IS NOT NULL", name=op.f("ck_round_intake_closed")
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'intake', 'qualification', 'expert_review', 'leadership', 'notice', 'certification', "
            "'fulfilment', 'closed', 'cancelled')",
            name=op.f("ck_round_state_word"),
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_round")),
        sa.UniqueConstraint("number_prefix", name=op.f("uq_round_number_prefix")),
    )
    op.create_table(
        "rules_text",
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("round", "version", name=op.f("pk_rules_text")),
    )
    op.create_table(
        "spent_code",
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("operator", "digest", name=op.f("pk_spent_code")),
    )
    op.create_table(
        "vault_text",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_text")),
    )
    with op.batch_alter_table("vault_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vault_text_round"), ["round"], unique=False)

    op.create_table(
        "contact",
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_contact_party")),
        sa.PrimaryKeyConstraint("party", "channel", name=op.f("pk_contact")),
    )
    op.create_table(
        "nomination",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("unit_kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("came_from", sa.String(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("correction_due_at", Instant(), nullable=True),
        sa.Column("score", sa.String(), nullable=True),
        sa.Column("review_rank", sa.Integer(), nullable=True),
        sa.Column("reserve_rank", sa.Integer(), nullable=True),
        sa.Column("batch", sa.String(), nullable=True),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("certificate", sa.String(), nullable=True),
        sa.Column("revoked_by_document", sa.String(), nullable=True),
        sa.CheckConstraint("(state = 'reserved') = (reserve_rank IS NOT NULL)", name=op.f("ck_nomination_reserved")),
        sa.CheckConstraint("(state = 'returned') = (correction_due_at IS NOT NULL)", name=op.f("ck_nomination_returned")),
        sa.CheckConstraint("(state = 'revoked') = (revoked_by_document IS NOT NULL)", name=op.f("ck_nomination_revoked")),
        sa.CheckConstraint(
            "(state IN ('government_certified', 'revoked')) = (certificate IS NOT NULL AND document IS NOT NULL AND document_date IS NOT NULL)",
            name=op.f("ck_nomination_certified"),
        ),
        sa.CheckConstraint(
            "(state IN ('rejected', 'lapsed', 'not_selected')) = (came_from IS NOT NULL)", name=op.f("ck_nomination_closed")
        ),
        sa.CheckConstraint("state != 'publicly_noticed' OR batch IS NOT NULL", name=op.f("ck_nomination_noticed")),
        sa.CheckConstraint(
            "state IN ('submitted', 'returned', 'lapsed', 'qualified', 'expert_reviewed', 'reserved', 'leadership_approved', "
            "'publicly_noticed', 'government_certified', 'not_selected', 'rejected', 'withdrawn', 'revoked')",
            name=op.f("ck_nomination_state_word"),
        ),
        sa.ForeignKeyConstraint(["round"], ["round.slug"], name=op.f("fk_nomination_round")),
        sa.ForeignKeyConstraint(["unit"], ["party.id"], name=op.f("fk_nomination_unit")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_nomination")),
        sa.UniqueConstraint("certificate", name=op.f("uq_nomination_certificate")),
    )
    with op.batch_alter_table("nomination", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nomination_round"), ["round"], unique=False)
        batch_op.create_index(batch_op.f("ix_nomination_state"), ["state"], unique=False)

    op.create_table(
        "notice_batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round"], ["round.slug"], name=op.f("fk_notice_batch_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_batch")),
    )
    with op.batch_alter_table("notice_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_batch_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_batch_round"), ["round"], unique=False)

    op.create_table(
        "resolution_session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.CheckConstraint("0 <= present AND present <= members", name=op.f("ck_resolution_session_heads")),
        sa.ForeignKeyConstraint(["round"], ["round.slug"], name=op.f("fk_resolution_session_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolution_session")),
    )
    with op.batch_alter_table("resolution_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resolution_session_round"), ["round"], unique=False)

    op.create_table(
        "stage_clock",
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("due_day", sa.Date(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("passed_through", sa.Boolean(), nullable=False),
        sa.Column("concluded_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "stage IN ('intake', 'qualification', 'expert_review', 'leadership', 'notice', 'certification', 'fulfilment')",
            name=op.f("ck_stage_clock_stage_word"),
        ),
        sa.ForeignKeyConstraint(["round"], ["round.slug"], name=op.f("fk_stage_clock_round")),
        sa.PrimaryKeyConstraint("round", "stage", name=op.f("pk_stage_clock")),
    )
    op.create_table(
        "work_item",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("due_day", sa.Date(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("due_version", sa.Integer(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("next_step_at", Instant(), nullable=True),
        sa.Column("steps_done", sa.JSON(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (done_at IS NULL)", name=op.f("ck_work_item_open")),
        sa.CheckConstraint(
            "kind IN ('close_intake', 'endorsement', 'correction', 'qualification', 'assignment', 'score_sheet', "
            "'review_conclusion', 'resolution', 'publication', 'objection_answer', 'notice_completion', "
            "'government_document', 'fill_vacancy', 'benefit')",
            name=op.f("ck_work_item_kind_word"),
        ),
        sa.CheckConstraint("status IN ('open', 'done', 'dropped')", name=op.f("ck_work_item_status_word")),
        sa.ForeignKeyConstraint(["owner"], ["party.id"], name=op.f("fk_work_item_owner")),
        sa.ForeignKeyConstraint(["round"], ["round.slug"], name=op.f("fk_work_item_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
    )
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_item_next_step_at"), ["next_step_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_item_owner"), ["owner"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_item_round"), ["round"], unique=False)

    op.create_table(
        "ballot",
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("nomination", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("vote", sa.String(), nullable=False),
        sa.Column("approve", sa.Integer(), nullable=False),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("abstain", sa.Integer(), nullable=False),
        sa.Column("recused", sa.Integer(), nullable=False),
        sa.Column("reserve_rank", sa.Integer(), nullable=True),
        sa.CheckConstraint("vote IN ('approve', 'reserve', 'pass_over')", name=op.f("ck_ballot_vote_word")),
        sa.CheckConstraint("approve >= 0 AND against >= 0 AND abstain >= 0", name=op.f("ck_ballot_counts")),
        sa.ForeignKeyConstraint(["nomination"], ["nomination.number"], name=op.f("fk_ballot_nomination")),
        sa.ForeignKeyConstraint(["round"], ["round.slug"], name=op.f("fk_ballot_round")),
        sa.ForeignKeyConstraint(["session"], ["resolution_session.id"], name=op.f("fk_ballot_session")),
        sa.PrimaryKeyConstraint("session", "nomination", name=op.f("pk_ballot")),
    )
    with op.batch_alter_table("ballot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ballot_round"), ["round"], unique=False)

    op.create_table(
        "benefit",
        sa.Column("nomination", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("tax", sa.Integer(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("voucher", sa.String(), nullable=False),
        sa.CheckConstraint("(status = 'granted') = (granted_on IS NOT NULL)", name=op.f("ck_benefit_granted")),
        sa.CheckConstraint(
            "kind IN ('title', 'certificate', 'trophy', 'award', 'talent_list', 'hangzhou_craftsman_preference', "
            "'may_day_medal_preference', 'recuperation')",
            name=op.f("ck_benefit_kind_word"),
        ),
        sa.CheckConstraint("status IN ('due', 'granted', 'exempt', 'cancelled')", name=op.f("ck_benefit_status_word")),
        sa.ForeignKeyConstraint(["nomination"], ["nomination.number"], name=op.f("fk_benefit_nomination")),
        sa.ForeignKeyConstraint(["round"], ["round.slug"], name=op.f("fk_benefit_round")),
        sa.PrimaryKeyConstraint("nomination", "kind", name=op.f("pk_benefit")),
    )
    with op.batch_alter_table("benefit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_benefit_round"), ["round"], unique=False)

    op.create_table(
        "endorsement",
        sa.Column("nomination", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["nomination"], ["nomination.number"], name=op.f("fk_endorsement_nomination")),
        sa.ForeignKeyConstraint(["unit"], ["party.id"], name=op.f("fk_endorsement_unit")),
        sa.PrimaryKeyConstraint("nomination", "unit", name=op.f("pk_endorsement")),
    )
    op.create_table(
        "finding",
        sa.Column("nomination", sa.String(), nullable=False),
        sa.Column("condition", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("strength", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("fact", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("result != 'waived' OR (strength != 'must' AND reason IS NOT NULL)", name=op.f("ck_finding_waived_with_reason")),
        sa.CheckConstraint(
            "result IN ('passed', 'failed', 'waivable', 'needs_person', 'waived', 'confirmed')", name=op.f("ck_finding_result_word")
        ),
        sa.CheckConstraint("strength IN ('must', 'generally', 'in_principle')", name=op.f("ck_finding_strength_word")),
        sa.ForeignKeyConstraint(["nomination"], ["nomination.number"], name=op.f("fk_finding_nomination")),
        sa.PrimaryKeyConstraint("nomination", "condition", name=op.f("pk_finding")),
    )
    op.create_table(
        "objection",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("nomination", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("postmarked_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.CheckConstraint("signed OR status = 'noted'", name=op.f("ck_objection_unsigned_is_noted")),
        sa.CheckConstraint("status IN ('open', 'upheld', 'dismissed', 'noted')", name=op.f("ck_objection_status_word")),
        sa.CheckConstraint("status NOT IN ('upheld', 'dismissed') OR report IS NOT NULL", name=op.f("ck_objection_answered_with_report")),
        sa.ForeignKeyConstraint(["nomination"], ["nomination.number"], name=op.f("fk_objection_nomination")),
        sa.ForeignKeyConstraint(["round"], ["round.slug"], name=op.f("fk_objection_round")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_objection")),
    )
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objection_round"), ["round"], unique=False)

    op.create_table(
        "panel_seat",
        sa.Column("nomination", sa.String(), nullable=False),
        sa.Column("expert", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("recused", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["expert"], ["party.id"], name=op.f("fk_panel_seat_expert")),
        sa.ForeignKeyConstraint(["nomination"], ["nomination.number"], name=op.f("fk_panel_seat_nomination")),
        sa.ForeignKeyConstraint(["round"], ["round.slug"], name=op.f("fk_panel_seat_round")),
        sa.PrimaryKeyConstraint("nomination", "expert", name=op.f("pk_panel_seat")),
    )
    with op.batch_alter_table("panel_seat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_panel_seat_round"), ["round"], unique=False)

    op.create_table(
        "score_sheet",
        sa.Column("nomination", sa.String(), nullable=False),
        sa.Column("expert", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("remark", sa.String(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["expert"], ["party.id"], name=op.f("fk_score_sheet_expert")),
        sa.ForeignKeyConstraint(["nomination"], ["nomination.number"], name=op.f("fk_score_sheet_nomination")),
        sa.ForeignKeyConstraint(["round"], ["round.slug"], name=op.f("fk_score_sheet_round")),
        sa.PrimaryKeyConstraint("nomination", "expert", name=op.f("pk_score_sheet")),
    )
    with op.batch_alter_table("score_sheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_sheet_round"), ["round"], unique=False)

    for statement in STATEMENTS[op.get_bind().dialect.name].values():
        op.execute(sa.text(statement))


def downgrade() -> None:  # noqa: PLR0915 - the same
    """Take the schema back."""
    with op.batch_alter_table("score_sheet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_score_sheet_round"))

    op.drop_table("score_sheet")
    with op.batch_alter_table("panel_seat", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_panel_seat_round"))

    op.drop_table("panel_seat")
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_objection_round"))

    op.drop_table("objection")
    op.drop_table("finding")
    op.drop_table("endorsement")
    with op.batch_alter_table("benefit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_benefit_round"))

    op.drop_table("benefit")
    with op.batch_alter_table("ballot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballot_round"))

    op.drop_table("ballot")
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_item_round"))
        batch_op.drop_index(batch_op.f("ix_work_item_owner"))
        batch_op.drop_index(batch_op.f("ix_work_item_next_step_at"))

    op.drop_table("work_item")
    op.drop_table("stage_clock")
    with op.batch_alter_table("resolution_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resolution_session_round"))

    op.drop_table("resolution_session")
    with op.batch_alter_table("notice_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_batch_round"))
        batch_op.drop_index(batch_op.f("ix_notice_batch_ends_at"))

    op.drop_table("notice_batch")
    with op.batch_alter_table("nomination", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nomination_state"))
        batch_op.drop_index(batch_op.f("ix_nomination_round"))

    op.drop_table("nomination")
    op.drop_table("contact")
    with op.batch_alter_table("vault_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vault_text_round"))

    op.drop_table("vault_text")
    op.drop_table("spent_code")
    op.drop_table("rules_text")
    op.drop_table("round")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_round"))
        batch_op.drop_index(batch_op.f("ix_person_identity"))

    op.drop_table("person")
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_name"))
        batch_op.drop_index(batch_op.f("ix_party_kind"))

    op.drop_table("party")
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_round"))
        batch_op.drop_index(batch_op.f("ix_notification_recipient"))
        batch_op.drop_index(batch_op.f("ix_notification_delivery"))

    op.drop_table("notification")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_entry_subject"))
        batch_op.drop_index(batch_op.f("ix_ledger_entry_event"))

    op.drop_table("ledger_entry")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_status"))
        batch_op.drop_index(batch_op.f("ix_delivery_round"))
        batch_op.drop_index(batch_op.f("ix_delivery_due_at"))

    op.drop_table("delivery")
    op.drop_table("cursor")
    with op.batch_alter_table("command", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_command_round"))
        batch_op.drop_index(batch_op.f("ix_command_digest"))

    op.drop_table("command")
    op.drop_table("chain")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION ledger_refuse()"))
