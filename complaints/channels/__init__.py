"""Channels by which letters and alerts leave: email, the post room and a webhook."""
