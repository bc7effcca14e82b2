"""PostgreSQL: pool, migrations, row security and one store per aggregate."""
