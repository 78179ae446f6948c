"""Each certificate has a name of its own, and those that are revoked or replaced are remembered"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward. Certificates of before bear their dog's name alone: they are void, and their dogs enrol anew."""
    op.create_table(
        "void_certificates",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_void_certificates")),
    )
    op.execute(
        "INSERT INTO void_certificates (name, voided_at) "
        "SELECT manufacturer || '/' || name, invited_at FROM identities WHERE length(manufacturer || name) < 64"
    )
    with op.batch_alter_table("identities") as table:
        table.drop_column("certificate_serial")
        table.add_column(sa.Column("certificate_name", sa.String(length=64), nullable=True))
        table.create_unique_constraint("uq_identities_certificate_name", ["certificate_name"])
    op.execute("UPDATE identities SET enrolled_at = NULL, token_hash = NULL")


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("identities") as table:
        table.drop_constraint("uq_identities_certificate_name", type_="unique")
        table.drop_column("certificate_name")
        table.add_column(sa.Column("certificate_serial", sa.String(length=64), nullable=True))
    op.drop_table("void_certificates")
