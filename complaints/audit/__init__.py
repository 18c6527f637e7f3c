"""Find what was changed on the record, by chains of events and signed roots over all."""
