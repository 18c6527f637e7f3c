"""Settings by which letters and alerts leave a local stack: into files, for every recipient."""

from pathlib import Path

from local.servers.worker import ROOT

LETTERS = ROOT / "examples" / "letters"
"""The sender of its letters."""


def channels(smtp: str, post_room: Path, mail: Path) -> dict[str, str]:
    """Return the channel settings; `smtp` is the value for COMPLAINTS_SMTP.

    `mail`: where the mail server keeps what it receives, so that an erasure finds it.
    """
    return {
        "COMPLAINTS_SMTP": smtp,
        "COMPLAINTS_MAIL_FROM": "Complaints <complaints@localhost>",
        "COMPLAINTS_STAFF_DOMAIN": "staff.example.org",
        "COMPLAINTS_LETTERS": str(LETTERS),
        "COMPLAINTS_POST_ROOM": str(post_room),
        "COMPLAINTS_LOCAL_MAIL": str(mail),
    }
