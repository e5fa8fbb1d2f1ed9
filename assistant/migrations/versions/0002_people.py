"""Whose conversations they are, feedback, reviews, people and what roles may read.

Conversations that were kept before belong to the one local user of that time.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the tables and a conversation for every answer that has none."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("person", sa.String(128), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("answer", sa.String(32), nullable=False),
        sa.Column("person", sa.String(128), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("citation", sa.Integer()),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("answer_id", sa.String(32), nullable=False),
        sa.Column("asker", sa.String(128), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question_key", sa.String(64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reviewer", sa.String(128)),
        sa.Column("role", sa.String(32)),
        sa.Column("decided", sa.DateTime(timezone=True)),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("citations", sa.JSON(), nullable=False),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
    )
    op.create_table(
        "grants",
        sa.Column("role", sa.String(32), primary_key=True),
        sa.Column("collection", sa.String(128), primary_key=True),
    )
    indexes = {
        "conversations": ("person", "updated"),
        "feedback": ("answer", "created"),
        "reviews": ("answer_id", "question_key", "state"),
    }
    for table, columns in indexes.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    op.execute(
        "INSERT INTO conversations (id, person, title, created, updated) "
        "SELECT conversation, 'lokaal', MIN(question), MIN(created), MAX(created) FROM answers GROUP BY conversation"
    )


def downgrade() -> None:
    """Drops the tables."""
    for table in ("grants", "people", "reviews", "feedback", "conversations"):
        op.drop_table(table)
