"""The engine: plans as durable runs on DBOS over PostgreSQL. Nothing outside of this package imports `dbos`."""
