"""A module that does nothing: what the interpreter itself costs."""
