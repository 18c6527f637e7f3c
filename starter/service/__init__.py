"""What the HTTP service does, without HTTP: each function returns models or raises ProblemError."""
