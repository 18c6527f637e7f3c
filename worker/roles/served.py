"""The roles that a worker serves, by its settings."""

from complaints.runtime.service import StartupError
from complaints.setting_types import WorkerRole
from complaints.settings import WorkerSettings
from worker.delivery.channels import has_channels

RECORDING_ROLES = frozenset({WorkerRole.COMPLAINTS, WorkerRole.OPERATIONS})
"""Roles that share the pool of recordings."""
_NEEDS = {
    WorkerRole.DELIVERIES: "a channel (COMPLAINTS_SMTP, _POST_ROOM or _WEBHOOK)",
    WorkerRole.REPORTS: "a folder (COMPLAINTS_REPORTS)",
}


def roles_of(settings: WorkerSettings) -> frozenset[WorkerRole]:
    """Return the roles of a worker: those of COMPLAINTS_SERVES that have what they need."""
    return settings.serves - _lacking(settings)


def check_needs(settings: WorkerSettings) -> None:
    """Raise StartupError where COMPLAINTS_SERVES names a role that lacks what it needs."""
    if "serves" not in settings.model_fields_set:
        return
    missing = sorted(settings.serves & _lacking(settings))
    if missing:
        raise StartupError(
            "\n".join(f"COMPLAINTS_SERVES: {role} needs {_NEEDS[role]}; set it, or omit it" for role in missing)
        )


def hands_over(settings: WorkerSettings) -> bool:
    """Return whether a worker of complaints starts deliveries.

    It does where it has channels, and where it leaves deliveries to other workers.
    """
    return has_channels(settings) or WorkerRole.DELIVERIES not in settings.serves


def _lacking(settings: WorkerSettings) -> set[WorkerRole]:
    lacking = set[WorkerRole]()
    if not has_channels(settings):
        lacking.add(WorkerRole.DELIVERIES)
    if settings.reports is None:
        lacking.add(WorkerRole.REPORTS)
    return lacking
