"""Open rounds: nominations, stages, work items and notices."""

import sqlalchemy as sa
from alembic import op

from states.tables.base import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_UNSURE = sa.text("provisional AND status = 'open'")


def upgrade() -> None:
    """Bring the schema forward."""
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
        batch_op.create_index("ix_nomination_state", ["round", "state", "correction_due_at"], unique=False)

    op.create_table(
        "notice_batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
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
        "stage_clock",
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("due_day", sa.Date(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
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
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("next_step_at", Instant(), nullable=True),
        sa.Column("steps_done", sa.JSON(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (done_at IS NULL)", name=op.f("ck_work_item_open")),
        sa.CheckConstraint(
            "kind IN ('close_intake', 'endorsement', 'correction', 'clearance', 'overdue_correction', 'qualification', "
            "'assignment', 'score_sheet', "
            "'review_conclusion', 'resolution', 'publication', 'objection_answer', 'notice_completion', "
            "'government_document', 'fill_vacancy', 'benefit', 'stage_conclusion')",
            name=op.f("ck_work_item_kind_word"),
        ),
        sa.CheckConstraint("status IN ('open', 'done', 'dropped')", name=op.f("ck_work_item_status_word")),
        sa.ForeignKeyConstraint(["owner"], ["party.id"], name=op.f("fk_work_item_owner")),
        sa.ForeignKeyConstraint(["round"], ["round.slug"], name=op.f("fk_work_item_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
    )
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.create_index("ix_work_item_next_step", ["round", "next_step_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_item_owner"), ["owner"], unique=False)
        batch_op.create_index("ix_work_item_subject", ["round", "subject"], unique=False)
    op.create_index("ix_work_item_provisional", "work_item", ["round"], sqlite_where=_UNSURE, postgresql_where=_UNSURE)

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
        batch_op.create_index("ix_benefit_status", ["round", "status"], unique=False)

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


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_objection_round"))
    op.drop_table("objection")

    with op.batch_alter_table("benefit", schema=None) as batch_op:
        batch_op.drop_index("ix_benefit_status")
    op.drop_table("benefit")

    op.drop_index("ix_work_item_provisional", "work_item")
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.drop_index("ix_work_item_subject")
        batch_op.drop_index(batch_op.f("ix_work_item_owner"))
        batch_op.drop_index("ix_work_item_next_step")
    op.drop_table("work_item")

    op.drop_table("stage_clock")

    with op.batch_alter_table("notice_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_batch_round"))
        batch_op.drop_index(batch_op.f("ix_notice_batch_ends_at"))
    op.drop_table("notice_batch")

    with op.batch_alter_table("nomination", schema=None) as batch_op:
        batch_op.drop_index("ix_nomination_state")
    op.drop_table("nomination")

    op.drop_table("round")
