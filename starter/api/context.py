"""What every route needs: the servers, the settings, and who may do what."""

import asyncio
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.procedure.policy import Policy
from complaints.settings import IntakeSettings
from starter.api.auth.authorization import Authorizer
from starter.api.auth.rate_limits import RateLimits
from starter.client.record_lookup import RecordLookup
from starter.service.access import Access


@dataclass(frozen=True)
class ApiContext:
    """Shared by all routes of one process."""

    client: Client
    engine: AsyncEngine
    report_engine: AsyncEngine
    """Without a time limit for each statement."""
    policy: Policy
    """The policy under which complaints are opened; each complaint keeps its own."""
    settings: IntakeSettings
    authorizer: Authorizer
    limits: RateLimits
    access: Access
    """Which complaints a caller may read and act on."""
    record: RecordLookup
    """Looks up references and amendments for new complaints."""
    stopping: asyncio.Event
    """Set when the service stops: who waits for news gets an answer at once."""
