"""What the software's own lines on the timeline say, as code and values beside their English."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Old lines stay empty: the chain vouches for them as they are (`added_later`). JSON's own null would not be empty,
    # so a missing value is SQL's NULL.
    op.add_column("timeline_entry", sa.Column("said", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    # The chain vouches for what stands in this column: without it every later line would look forged.
    message = "what lines say is not taken back: restore a backup made before it instead"
    raise NotImplementedError(message)
