"""Know how a channel was configured while it failed, so that two machines do not forget in turns what the other met."""

import sqlalchemy as sa
from alembic import op

from states.tables.base import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "channel_definition",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "definition", name=op.f("pk_channel_definition")),
    )


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("channel_definition")
