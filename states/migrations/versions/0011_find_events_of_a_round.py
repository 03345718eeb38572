"""Index the ledger by round and event: what a tick looks up of a round's past is a handful among all that happened in it."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward; not in a batch, which would drop the triggers that guard the ledger."""
    op.drop_index("ix_ledger_entry_event", "ledger_entry")
    op.create_index("ix_ledger_entry_event", "ledger_entry", ["round", "event"])


def downgrade() -> None:
    """Take the schema back."""
    op.drop_index("ix_ledger_entry_event", "ledger_entry")
    op.create_index("ix_ledger_entry_event", "ledger_entry", ["event"])
