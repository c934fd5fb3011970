"""SQLite: schema, migrations, and queries grouped by what they serve. The only place with SQL.

Queries are plain functions over a `sqlite3.Connection`; `database.Database` runs them on the
thread that owns the connection, one hop per call, writes in one transaction each.
"""
