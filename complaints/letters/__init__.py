"""What is written to a complainant: facts, templates, and the laid-out letter. No I/O besides reading templates."""
