"""Personal data on the record: encrypted with its complaint's key, found by a blind index."""
