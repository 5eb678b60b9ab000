"""A case can be held and a channel paused; a letter that reached nobody is ordered anew or given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from incidents.storage.message_guard import set_guard

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

STATES = (
    "pending", "in_flight", "uncertain", "accepted", "deferred", "delivered", "bounced", "dropped", "rejected",
    "cancelled",
)  # fmt: skip
RECEIPTS = ("deferred", "delivered", "bounced", "dropped")
# As the table of moves was at this revision: what it becomes later is a later migration's.
MOVES = {
    "pending": ("in_flight", "uncertain", "accepted", "rejected", "cancelled", *RECEIPTS),
    "in_flight": ("pending", "uncertain", "accepted", "rejected", "cancelled", *RECEIPTS),
    "uncertain": ("pending", "accepted", "rejected", "cancelled", "given_up", *RECEIPTS),
    "cancelled": ("pending", "uncertain", "accepted", "rejected", *RECEIPTS),
    "rejected": ("accepted", "cancelled", "given_up"),
    "bounced": ("cancelled", "given_up"),
    "dropped": ("cancelled", "given_up"),
    "given_up": ("accepted", "cancelled", *RECEIPTS),
    "accepted": RECEIPTS,
    "deferred": ("delivered", "bounced", "dropped"),
    "delivered": ("bounced",),
}


def upgrade() -> None:
    op.create_table(
        "case_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name="fk_case_hold_incident_id_incident"),
        sa.PrimaryKeyConstraint("id", name="pk_case_hold"),
    )
    op.create_index("ix_case_hold_incident_id", "case_hold", ["incident_id"], unique=False)
    op.create_table(
        "channel_pause",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("because", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("channel", name="pk_channel_pause"),
    )
    _take_the_new_state()
    # After the batch: on SQLite it copies the table, and a trigger set before would be gone with the old one.
    set_guard(op.get_bind(), sorted((before, after) for before, afters in MOVES.items() for after in afters))


def _take_the_new_state() -> None:
    if op.get_bind().dialect.name == "sqlite":
        before, after = _words(*STATES), _words(*STATES, "given_up")
        with op.batch_alter_table("message") as batch:
            batch.alter_column("state", existing_type=before, existing_nullable=False, type_=after)
        return
    # PostgreSQL alters no column that a trigger names; the list of words is a constraint beside it.
    listed = ", ".join(f"'{state}'" for state in (*STATES, "given_up"))
    op.drop_constraint(op.f("ck_message_messagestate"), "message", type_="check")
    op.create_check_constraint(op.f("ck_message_messagestate"), "message", f"state IN ({listed})")


def _words(*states: str) -> sa.Enum:
    return sa.Enum(*states, name="messagestate", native_enum=False, create_constraint=True, length=20)


def downgrade() -> None:
    message = "letters that were given up have no other state: restore a backup made before it instead"
    raise NotImplementedError(message)
