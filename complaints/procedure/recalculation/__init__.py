"""R14: every open date is recalculated when the calendar or the policy changes."""
