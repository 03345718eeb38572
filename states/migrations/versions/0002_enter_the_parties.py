"""Enter the parties, their contacts and the vault."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "party",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("employer", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("deputy", sa.String(), nullable=True),
        sa.Column("deputy_from", sa.Date(), nullable=True),
        sa.Column("deputy_to", sa.Date(), nullable=True),
        sa.Column("promptness", sa.JSON(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.CheckConstraint("deputy IS NOT NULL OR (deputy_from IS NULL AND deputy_to IS NULL)", name=op.f("ck_party_deputy_dates")),
        sa.CheckConstraint(
            "kind IN ('district_office', 'member_unit', 'subdistrict_union', 'union_federation', 'system_union', 'employer', "
            "'expert', 'leading_group', 'leading_group_member', 'department', 'government', 'operator')",
            name=op.f("ck_party_kind_word"),
        ),
        sa.ForeignKeyConstraint(["parent"], ["party.id"], name=op.f("fk_party_parent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
    )
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_party_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_party_name"), ["name"], unique=False)

    op.create_table(
        "person",
        sa.Column("nomination", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("nomination", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_identity"), ["identity"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_round"), ["round"], unique=False)

    op.create_table(
        "vault_text",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_text")),
    )
    with op.batch_alter_table("vault_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vault_text_round"), ["round"], unique=False)

    op.create_table(
        "contact",
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name=op.f("fk_contact_party")),
        sa.PrimaryKeyConstraint("party", "channel", name=op.f("pk_contact")),
    )


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("contact")

    with op.batch_alter_table("vault_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vault_text_round"))
    op.drop_table("vault_text")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_round"))
        batch_op.drop_index(batch_op.f("ix_person_identity"))
    op.drop_table("person")

    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_name"))
        batch_op.drop_index(batch_op.f("ix_party_kind"))
    op.drop_table("party")
