"""Keep what was planned before a deadline was extended, so that an extension can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    for table in ("stage_clock", "work_item"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("planned_from", sa.Date(), nullable=True))
            batch_op.add_column(sa.Column("planned_days", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take the schema back."""
    for table in ("stage_clock", "work_item"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("planned_days")
            batch_op.drop_column("planned_from")
