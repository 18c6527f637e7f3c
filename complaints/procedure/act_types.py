"""Base models of acts."""

from datetime import datetime
from typing import ClassVar

from complaints.procedure.enums import Channel
from complaints.procedure.field_types import ActId, InputModel, Instant, StaffId
from complaints.procedure.permissions import Permission
from complaints.procedure.policy import TierId


class Act(InputModel):
    """Base of acts. A repeat has the same `id`: no further effect, the same answer (R11)."""

    name: ClassVar[str]
    description: ClassVar[str]
    requires: ClassVar[Permission]

    id: ActId
    by: StaffId
    """The actor: for acts of the complainant or the case system, the person who keyed them (R11)."""
    made_at: Instant | None = None
    """When a signal was sent. Timeliness is judged by it, not by the arrival (R4)."""

    def instant(self, now: datetime) -> datetime:
        """Return when the act was done: on arrival, or when its signal was sent."""
        return min(self.made_at or now, now)


class TierLetterAct(Act):
    """Base of a tier's letters. With `sent_at` it has gone, else the product sends it (R4)."""

    tier: TierId | None = None
    """A tier that the complaint has left; None: the one that holds it, or held it at `sent_at`."""
    sent_at: Instant | None = None
    channel: Channel | None = None
    """None: as the complainant prefers."""
