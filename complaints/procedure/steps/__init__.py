"""One module for each step of the procedure.

The rule of an act raises RefusedError, or returns the effect of the act.
"""
