"""Reminders that are told anew after a clock that was ahead, and what a pager calls the alert it keeps open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("obligation", sa.Column("rearmed", sa.Integer(), nullable=False, server_default="0"))
    where = sa.text("next_alarm_at IS NOT NULL")
    op.create_index(
        "ix_obligation_alarms_noted_to", "obligation", ["alarms_noted_to"], sqlite_where=where, postgresql_where=where
    )
    op.add_column("alert", sa.Column("thread", sa.String(length=240), nullable=True))
    op.add_column("alert", sa.Column("thread_event", sa.String(length=20), nullable=True))
    where = sa.text("thread_event IS NOT NULL")
    op.create_index("ix_alert_thread_event", "alert", ["thread_event"], sqlite_where=where, postgresql_where=where)
    op.create_index("ix_alert_thread", "alert", ["thread"])


def downgrade() -> None:
    message = "what was told anew is not forgotten: restore a backup made before it instead"
    raise NotImplementedError(message)
