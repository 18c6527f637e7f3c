"""Record what concerns callers of the HTTP service: changes and readings."""
