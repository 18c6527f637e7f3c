"""`audit`: check the record for changes of the past."""
