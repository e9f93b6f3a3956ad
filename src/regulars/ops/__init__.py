"""How it runs: command line, worker, schedule, settings and the embedded PostgreSQL."""
