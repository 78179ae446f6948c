"""The database: its session, its column types and its migrations. Tables live in the rooms."""
