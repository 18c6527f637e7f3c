"""The sample staff directory: everybody who acts in the examples and in the demo.

The person who starts the stack is in it by their login name, as administrator and auditor: every command can be tried.
"""

import asyncio

from admin.shared.login_name import login_name
from complaints.procedure.permissions import OfficeRole
from complaints.procedure.policy import Policy
from complaints.records.database import make_engine
from complaints.records.directory import read_members
from complaints.records.staff import update_members
from complaints.runtime.clock import now
from complaints.staff.csv_import import StaffFile
from complaints.staff.members import Member
from local.servers.worker import ROOT

FILE = ROOT / "examples" / "staff.csv"
ENTERED_BY = "local-stack"


def enter_sample_directory(database_url: str, policy: Policy) -> None:
    """Import the sample into an empty staff directory. Raises RecordError."""
    asyncio.run(_enter(database_url, StaffFile.read(FILE.read_text(encoding="utf-8"), policy)))


async def _enter(database_url: str, sample: StaffFile) -> None:
    engine = make_engine(database_url, pool_size=1)
    try:
        if not await read_members(engine):
            await update_members(engine, sample.ids, sample.members, at=now(), by=ENTERED_BY)
            if (login := login_name()) and login not in sample.ids:
                owner = Member(id=login, name="You", roles=(OfficeRole.ADMINISTRATOR, OfficeRole.AUDITOR))
                await update_members(engine, [login], lambda _: [owner], at=now(), by=ENTERED_BY)
    finally:
        await engine.dispose()
