"""How far each person is with the questions of the learning paths."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "learning_progress",
        sa.Column("person", sa.String(128), primary_key=True),
        sa.Column("question", sa.String(60), primary_key=True),
        sa.Column("first_right", sa.Boolean(), nullable=False),
        sa.Column("last_right", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("box", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date()),
        sa.Column("answered", sa.Date(), nullable=False),
    )


def downgrade() -> None:
    """Drops the table."""
    op.drop_table("learning_progress")
