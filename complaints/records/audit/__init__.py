"""Read chains, and write and check signed roots, in PostgreSQL."""
