"""Letters to complainants: facts, templates and layouts. The only I/O is reading templates."""
