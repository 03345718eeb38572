"""Judge nominations: endorsements, clearances, findings, panels, sessions and ballots."""

import sqlalchemy as sa
from alembic import op

from states.tables.base import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
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
        "endorsement",
        sa.Column("nomination", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("taken_over_from", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["nomination"], ["nomination.number"], name=op.f("fk_endorsement_nomination")),
        sa.ForeignKeyConstraint(["taken_over_from"], ["party.id"], name=op.f("fk_endorsement_taken_over_from")),
        sa.ForeignKeyConstraint(["unit"], ["party.id"], name=op.f("fk_endorsement_unit")),
        sa.PrimaryKeyConstraint("nomination", "unit", name=op.f("pk_endorsement")),
    )

    op.create_table(
        "clearance",
        sa.Column("nomination", sa.String(), nullable=False),
        sa.Column("clearance", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("clear", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["department"], ["party.id"], name=op.f("fk_clearance_department")),
        sa.ForeignKeyConstraint(["nomination"], ["nomination.number"], name=op.f("fk_clearance_nomination")),
        sa.PrimaryKeyConstraint("nomination", "clearance", name=op.f("pk_clearance")),
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
        "panel_seat",
        sa.Column("nomination", sa.String(), nullable=False),
        sa.Column("expert", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("recused", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("handed_to", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["expert"], ["party.id"], name=op.f("fk_panel_seat_expert")),
        sa.ForeignKeyConstraint(["handed_to"], ["party.id"], name=op.f("fk_panel_seat_handed_to")),
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


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("score_sheet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_score_sheet_round"))
    op.drop_table("score_sheet")

    with op.batch_alter_table("panel_seat", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_panel_seat_round"))
    op.drop_table("panel_seat")

    op.drop_table("finding")

    op.drop_table("clearance")

    op.drop_table("endorsement")

    with op.batch_alter_table("ballot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballot_round"))
    op.drop_table("ballot")

    with op.batch_alter_table("resolution_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resolution_session_round"))
    op.drop_table("resolution_session")
