"""What a draft speaks of and what of it a person changed; which text was filed, and what was confirmed with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = {
    "draft": ("speaks_of", "edit_of"),
    "draft_source": ("speaks_of",),
    "filing": ("text_filed", "confirmed"),
}


def upgrade() -> None:
    # Old rows stay empty: the chain vouches for them as they are (`added_later`). JSON's own null would not be empty,
    # so a missing value is SQL's NULL.
    for table, names in COLUMNS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    # The chain vouches for what stands in these columns: without them every later draft and filing would look forged.
    message = "what drafts speak of is not taken back: restore a backup made before it instead"
    raise NotImplementedError(message)
