"""The procedure, one module for each step. A rule raises RefusedError, or returns the effect of the act."""
