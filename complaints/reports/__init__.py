"""What the record says in figures: the annual report to the Board, how timely replies are, and the record itself."""
