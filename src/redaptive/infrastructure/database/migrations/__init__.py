"""Revisions (versions/) and their SQL files (sql/); `redaptive.infrastructure.database.migrate` runs them."""
