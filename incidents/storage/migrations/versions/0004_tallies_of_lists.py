"""Long lists have a tally that the audit chain vouches for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_tally",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("tally", sa.String(length=90), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_list_tally_incident_id_incident")),
        sa.PrimaryKeyConstraint("incident_id", "name", name=op.f("pk_list_tally")),
    )


def downgrade() -> None:
    op.drop_table("list_tally")
