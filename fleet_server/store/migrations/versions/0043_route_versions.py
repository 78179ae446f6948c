"""Every version of a route, from the one that there is, with whom the audit log has for it"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0041"
branch_labels = None
depends_on = None

DEEDS = {"route.created": "created", "route.changed": "changed"}
CONTENT = ("name", "stops", "on_link_loss", "on_blocked", "on_low_battery")


def upgrade() -> None:
    """Forward."""
    versions = op.create_table(
        "route_versions",
        sa.Column("route_id", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
        sa.Column("deed", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(64), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in CONTENT),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name="fk_route_versions_site_id_sites"),
    )
    op.create_index("ix_route_versions_site_id", "route_versions", ["site_id"])
    columns: list[sa.ColumnClause[Any]] = [sa.column(name, sa.JSON()) for name in CONTENT]
    columns += [sa.column("route_id"), sa.column("site_id"), sa.column("updated_at", sa.DateTime(timezone=True))]
    for route in op.get_bind().execute(sa.select(*columns).select_from(sa.table("routes", *columns))).all():
        op.bulk_insert(versions, [_first(route)])


def downgrade() -> None:
    """Back."""
    op.drop_table("route_versions")


def _first(route: Any) -> dict[str, Any]:
    """The version that a route has now; one of which nobody did anything came with its site's folder."""
    log = sa.table("audit_log", *map(sa.column, ("id", "actor", "action", "target")))
    deeds = sa.select(log.c.actor, log.c.action).where(log.c.target == route.route_id, log.c.action.in_(DEEDS))
    last = op.get_bind().execute(deeds.order_by(log.c.id.desc()).limit(1)).one_or_none()
    made = {"number": 1, "changed_at": route.updated_at, "changed_by": "server", "deed": "imported"}
    if last is not None:
        made |= {"changed_by": last.actor, "deed": DEEDS[last.action]}
    content = {name: getattr(route, name) for name in ("route_id", "site_id", *CONTENT)}
    return content | made
