"""The invariant by which a complaint's replay applies every input as the first run did."""


class ReplayInvariant:
    """Track the commands and the causes of events that a correct replay depends on.

    Every workflow task in which a signal arrived must leave a command. On replay, Temporal merges workflow tasks
    without commands, which would change the time at which their signals arrive.

    A local activity may record only timer-driven events. It runs before its workflow task has committed, and a retry
    of the task may find other input. Only timer-driven events are the same on every retry.
    """

    def __init__(self, sequence: int) -> None:
        """Start with events up to `sequence` counted as external."""
        self.last_external_event = sequence
        """The last event that input may have caused, or that precedes such an event."""
        self.loop_is_waiting = True
        """Whether an input starts an iteration of the workflow's loop at once."""
        self.needs_marker_command = False
        """Whether a signal arrived for which this workflow task has left no command yet."""
        self.task_has_local_activity = False
        """Whether this workflow task has a command already: a local activity of the directory lookup."""

    def mark_external(self, sequence: int) -> None:
        """Count all events up to `sequence` as caused by input."""
        self.last_external_event = sequence

    def only_timer_driven_since(self, sequence: int) -> bool:
        """Return whether timers alone caused the events after `sequence`."""
        return self.last_external_event <= sequence
