"""Models of acts, by what they concern. `complaints/procedure/acts.py` has them all."""
