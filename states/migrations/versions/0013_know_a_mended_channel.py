"""Know a channel that was changed since it failed, and what waits for one that is refused."""

import sqlalchemy as sa
from alembic import op

from states.tables.base import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward; how a channel was configured that failed before is not known."""
    with op.batch_alter_table("channel_health", schema=None) as batch_op:
        batch_op.add_column(sa.Column("definition", sa.String(), nullable=True))
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel_refused_at", Instant(), nullable=True))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_column("channel_refused_at")
    with op.batch_alter_table("channel_health", schema=None) as batch_op:
        batch_op.drop_column("definition")
