"""The ways by which letters and alerts leave: email, the post room, a webhook. What they say is not its care."""
