"""`make demo`: complaints taken through the whole procedure, on the real stack, in virtual time, while it is told."""
