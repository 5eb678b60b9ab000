"""The database knows the fingerprint of its master key; the row is written by the first command that has the key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "master_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_master_key"),
        sa.UniqueConstraint("fingerprint", name="uq_master_key_fingerprint"),
    )


def downgrade() -> None:
    message = "the fingerprint of a key is not forgotten again: restore a backup made before it instead"
    raise NotImplementedError(message)
