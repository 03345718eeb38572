"""Keep the holds that a due time was put off by, so that their working days can be counted again."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_HOLDS = (
    ("stage_clock", "holds"),
    ("stage_clock", "planned_holds"),
    ("work_item", "holds"),
    ("work_item", "planned_holds"),
    ("round", "holds"),
)
_UNSURE = sa.text("provisional AND status = 'open'")


def _look_by(*basis: str) -> None:
    """Index open work with a provisional due day by what it is counted from."""
    op.drop_index("ix_work_item_unsure_day", "work_item")
    op.create_index("ix_work_item_unsure_day", "work_item", ["round", *basis], sqlite_where=_UNSURE, postgresql_where=_UNSURE)


def upgrade() -> None:
    """Bring the schema forward."""
    for table, name in _HOLDS:
        op.add_column(table, sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("round", sa.Column("planned_on", sa.Date(), nullable=True))
    _look_by("counted_from", "working_days", "holds", "due_day")


def downgrade() -> None:
    """Take the schema back; not by making tables anew, to which others point."""
    _look_by("counted_from", "working_days", "due_day")
    op.drop_column("round", "planned_on")
    for table, name in _HOLDS:
        op.drop_column(table, name)
