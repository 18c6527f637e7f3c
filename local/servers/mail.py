"""Run a mail server on the loopback that delivers nothing and keeps each message as a file.

Its role runs it as `python -m local.servers.mail FOLDER PORT`.
"""

import asyncio
import os
import socket
import sys
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from local.supervisor.ports import LOOPBACK
from local.supervisor.roles import Role


def mail_server(directory: Path, *, port: int) -> Role:
    """Return the role of the mail server: ready when it greets; mail is in `directory`/mail."""
    folder = mail_folder(directory)
    return Role(
        name="mail",
        command=[sys.executable, "-m", "local.servers.mail", str(folder), str(port)],
        env=os.environ,
        cwd=Path(__file__).parents[2],
        prepare=lambda: folder.mkdir(mode=0o700, exist_ok=True),
        ready=lambda _: _greets(port),
    )


def mail_folder(directory: Path) -> Path:
    return directory / "mail"


def smtp_url(port: int) -> str:
    """Return the value for COMPLAINTS_SMTP."""
    return f"smtp://{LOOPBACK}:{port}?tls=none"


class Keeper:
    """Keep each message under the next number (000007.eml), atomically."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(max((int(kept.stem) for kept in folder.glob("*.eml")), default=0) + 1)

    async def handle_DATA(self, _line: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (its name there)
        assert isinstance(envelope.content, bytes)
        self._keep(envelope.content)
        return "250 2.0.0 OK"

    def _keep(self, content: bytes) -> None:
        kept = self._folder / f"{next(self._numbers):06}.eml"
        growing = kept.with_suffix(".new")
        growing.write_bytes(content)
        growing.rename(kept)


async def serve(folder: Path, port: int) -> None:
    loop = asyncio.get_running_loop()
    keeper = Keeper(folder)
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="localhost", enable_SMTPUTF8=True, loop=loop), LOOPBACK, port
    )
    await server.serve_forever()


def _greets(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as line:
            return line.recv(4) == b"220 "
    except OSError:
        return False


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
