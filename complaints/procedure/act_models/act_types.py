"""Base models of acts."""

import base64
import hashlib
import json
from datetime import datetime
from typing import ClassVar, Self

from pydantic import model_validator

from complaints.procedure.enums import Channel
from complaints.procedure.field_types import ActId, InputModel, Instant, StaffId
from complaints.procedure.permissions import Permission
from complaints.procedure.policy import TierId

CONTENT_DIGEST_BYTES = 9


class Act(InputModel):
    """Base of acts. A repeat has the same `id`: no further effect, the same answer (R11)."""

    name: ClassVar[str]
    description: ClassVar[str]
    requires: ClassVar[Permission]
    usual_field: ClassVar[str | None] = None
    """Where at least one of several optional fields is needed: the one that an offered command shows."""

    id: ActId
    by: StaffId
    """The actor: for acts of the complainant or the case system, the person who keyed them (R11)."""
    made_at: Instant | None = None
    """When a signal was sent. Timeliness is judged by it, not by the arrival (R4)."""

    @property
    def content_digest(self) -> str:
        """A short digest of what the act says: of its name and every field but `id` and `made_at`.

        Two acts with one id and one digest are the same act, sent twice (R11). Fields with their default are left out,
        so that a field that a later version adds does not change the digest.
        """
        fields = self.model_dump(mode="json", exclude={"id", "made_at"}, exclude_defaults=True)
        text = json.dumps([self.name, fields], sort_keys=True)
        return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:CONTENT_DIGEST_BYTES]).decode()

    def instant(self, now: datetime) -> datetime:
        """Return when the act was done: on arrival, or when its signal was sent."""
        return min(self.made_at or now, now)


class KeyedAct(Act):
    """Base of acts of the complainant or the case system, which any staff may key (R11)."""

    requires = Permission.ANYBODY

    on_behalf_of: StaffId | None = None
    """The colleague, or the case system, for which `by` keys it; None: `by` keys it for itself."""

    @model_validator(mode="after")
    def _is_for_somebody_else(self) -> Self:
        if self.on_behalf_of == self.by:
            raise ValueError("on_behalf_of: this is who keys it; leave it out")
        return self


class LetterAct(Act):
    """Base of letters by staff. With `sent_at` it has gone, else the product sends it (R4)."""

    sent_at: Instant | None = None
    channel: Channel | None = None
    """None: as the complainant prefers."""


class TierLetterAct(LetterAct):
    """Base of a tier's letters."""

    tier: TierId | None = None
    """A tier that the complaint has left; None: the one that holds it, or held it at `sent_at`."""
