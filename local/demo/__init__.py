"""Demo: complaints go through the whole procedure, on the real stack, in virtual time."""
