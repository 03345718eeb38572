"""Keep what is left to send of messages in parts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rest", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_column("rest")
