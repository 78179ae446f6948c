"""Every version of a site, from the one that there is"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    versions = op.create_table(
        "site_versions",
        sa.Column("site_id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("described", sa.JSON(), nullable=False),
        sa.Column("map_png", sa.LargeBinary(), nullable=True),
    )
    json = [sa.column(name, sa.JSON()) for name in ("name", "origin", "map_origin", "zones", "checkpoints", "docks")]
    plain = ("site_id", "version", "timezone", "map_id", "map_resolution", "map_width", "map_height")
    columns: list[sa.ColumnClause[Any]] = [*json, *map(sa.column, plain)]
    columns.append(sa.column("updated_at", sa.DateTime(timezone=True)))
    sites = sa.table("sites", *columns, sa.column("map_png", sa.LargeBinary()))
    for site in op.get_bind().execute(sa.select(*columns).select_from(sites)).all():
        op.bulk_insert(versions, [_first(site)])
    picture = sa.select(sites.c.map_png).where(sites.c.site_id == versions.c.site_id).scalar_subquery()
    op.execute(versions.update().values(map_png=picture))


def downgrade() -> None:
    """Back."""
    op.drop_table("site_versions")


def _first(site: Any) -> dict[str, Any]:
    """The version that a site has now, as it came from its folder."""
    described = {"siteId": site.site_id, "name": site.name, "timezone": site.timezone, "origin": site.origin}
    described |= {"zones": site.zones, "checkpoints": site.checkpoints, "docks": site.docks}
    described["map"] = {"mapId": site.map_id, "resolution": site.map_resolution, "origin": site.map_origin}
    described["map"] |= {"width": site.map_width, "height": site.map_height}
    return {
        "site_id": site.site_id,
        "version": site.version,
        "changed_at": site.updated_at,
        "changed_by": "server",
        "source": "folder",
        "described": described,
    }
