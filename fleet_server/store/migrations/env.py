"""Where Alembic meets our engine and tables."""

from alembic import context

from fleet_server.store.columns import Table
from fleet_server.store.partitions import part_names

engine = context.config.attributes["engine"]
with engine.execution_options(writes=True).connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=True,
        include_name=lambda name, kind, _: kind != "table" or name not in part_names(connection),
    )
    with context.begin_transaction():
        context.run_migrations()
