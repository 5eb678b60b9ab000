"""What other systems reported about a case, so that a repeated alert is known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alerts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_signal_incident_id_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sa.UniqueConstraint("incident_id", "fingerprint", name=op.f("uq_signal_incident_id_fingerprint")),
    )
    op.create_index(op.f("ix_signal_incident_id"), "signal", ["incident_id"])
    op.create_index(op.f("ix_signal_fingerprint"), "signal", ["fingerprint"])


def downgrade() -> None:
    op.drop_table("signal")
