"""Tell channels that were refused themselves from those that do not answer."""

import sqlalchemy as sa
from alembic import op

from states.tables.base import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("channel_health", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refused_at", Instant(), nullable=True))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("channel_health", schema=None) as batch_op:
        batch_op.drop_column("refused_at")
