"""Reports from the record: the annual report, timeliness, and the export."""
