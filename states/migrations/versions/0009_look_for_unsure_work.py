"""Index open work with a provisional due day by what it is counted from, so that a tick looks at each way of counting once."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_UNSURE = sa.text("provisional AND status = 'open'")
_UNSURE_STEP = sa.text("provisional AND status = 'open' AND next_step_at IS NOT NULL")


def upgrade() -> None:
    """Bring the schema forward."""
    op.drop_index("ix_work_item_provisional", "work_item")
    day, step = ["round", "counted_from", "working_days", "due_day"], ["round", "kind", "due_day", "next_step_at"]
    op.create_index("ix_work_item_unsure_day", "work_item", day, sqlite_where=_UNSURE, postgresql_where=_UNSURE)
    op.create_index("ix_work_item_unsure_step", "work_item", step, sqlite_where=_UNSURE_STEP, postgresql_where=_UNSURE_STEP)


def downgrade() -> None:
    """Take the schema back."""
    op.drop_index("ix_work_item_unsure_step", "work_item")
    op.drop_index("ix_work_item_unsure_day", "work_item")
    op.create_index("ix_work_item_provisional", "work_item", ["round"], sqlite_where=_UNSURE, postgresql_where=_UNSURE)
