"""What the HTTP service does, without HTTP.

Each function returns models, or raises ProblemError.
"""
