"""The settings by which letters and alerts leave a local stack: to files, whoever they are meant for."""

from pathlib import Path

from local.servers.worker import ROOT

LETTERS = ROOT / "examples" / "letters"
"""Who writes its letters."""


def channels(smtp: str, post_room: Path) -> dict[str, str]:
    """`smtp`: where its mail server is, for COMPLAINTS_SMTP."""
    return {
        "COMPLAINTS_SMTP": smtp,
        "COMPLAINTS_MAIL_FROM": "Complaints <complaints@localhost>",
        "COMPLAINTS_STAFF_DOMAIN": "staff.example.org",
        "COMPLAINTS_LETTERS": str(LETTERS),
        "COMPLAINTS_POST_ROOM": str(post_room),
    }
