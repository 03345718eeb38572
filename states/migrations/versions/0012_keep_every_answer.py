"""Keep what each address answered that a message was refused by, not the last one's answer alone."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward; a message of before has the last answer alone."""
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answers", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_column("answers")
