"""The state of a message is one of a list, and the database lets it change only along the allowed moves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from incidents.storage.message_guard import set_guard

revision = "0003"
down_revision = "0002"
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
    "uncertain": ("pending", "accepted", "rejected", "cancelled", *RECEIPTS),
    "cancelled": ("pending", "uncertain", "accepted", "rejected", *RECEIPTS),
    "rejected": ("accepted",),
    "accepted": RECEIPTS,
    "deferred": ("delivered", "bounced", "dropped"),
    "delivered": ("bounced",),
}


def upgrade() -> None:
    words = sa.Enum(*STATES, name="messagestate", native_enum=False, create_constraint=True, length=20)
    with op.batch_alter_table("message") as batch:
        batch.alter_column("state", existing_type=sa.String(length=20), existing_nullable=False, type_=words)
    # After the batch: on SQLite it copies the table, and a trigger set before would be gone with the old one.
    set_guard(op.get_bind(), sorted((before, after) for before, afters in MOVES.items() for after in afters))


def downgrade() -> None:
    message = "the states of messages are not given free again: restore a backup made before it instead"
    raise NotImplementedError(message)
