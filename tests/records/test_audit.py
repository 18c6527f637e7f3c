"""The audit names what the owner of the tables changed on the record."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from string import Template

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.audit.finding import Finding
from complaints.audit.folder import put_root, read_folder
from complaints.audit.roots import RootFile
from complaints.audit.signing import RootSigner, RootVerifier, make_key
from complaints.procedure.views.views import transition_since
from complaints.records import tables
from complaints.records.audit.check import AuditSummary, audit
from complaints.records.audit.roots import read_roots, sign_root
from complaints.records.erasure import anonymise, create_tombstone, erase
from complaints.records.transitions import write_transition
from tests.fixtures.tampering import link_again, tamper
from tests.records.sample_complaints import long_story, withdrawn

MORNING = datetime(2028, 1, 3, 8, tzinfo=UTC)
STORY, OTHER = "H-1", "C-1"


class Auditor:
    """Signs roots of the record, and audits it."""

    def __init__(self, engine: AsyncEngine, url: str, folder: Path) -> None:
        self._engine = engine
        self._url = url
        self.folder = folder / "roots"
        self.folder.mkdir()
        self._keys = folder / "audit.key", folder / "audit.pub"
        make_key(*self._keys)

    async def sign(self, at: datetime = MORNING) -> RootFile:
        file = await sign_root(self._engine, RootSigner.load(self._keys[0]).sign, at.date(), at)
        put_root(self.folder, file)
        return file

    async def audit(self, *references: str, with_folder: bool = False) -> tuple[AuditSummary, list[Finding]]:
        files = list(read_folder(self.folder)) if with_folder else None
        verifier = RootVerifier.load(self._keys[1])
        *findings, summary = [each async for each in audit(self._engine, verifier, files, references or None)]
        assert isinstance(summary, AuditSummary)
        found = [each for each in findings if isinstance(each, Finding)]
        assert summary.findings == len(found) == len(findings)
        return summary, found

    async def finding(self, *references: str, with_folder: bool = False) -> Finding:
        _, [finding] = await self.audit(*references, with_folder=with_folder)
        return finding

    async def findings(self, *, with_folder: bool = False) -> list[str]:
        return [each.sentence for each in (await self.audit(with_folder=with_folder))[1]]

    async def as_owner(self, command: str, **values: object) -> None:
        """Execute SQL past the triggers; `$story`, `$reply` and so on are filled in."""
        names = {"story": STORY, "other": OTHER, **NUMBERS, **values}
        places = {"of_reply": Template(OF_REPLY).substitute(names), "of_last": Template(OF_LAST).substitute(names)}
        await tamper(self._url, command, **names, **places)

    async def link_again(self) -> None:
        await link_again(self._engine, self._url, STORY)


@pytest.fixture
async def auditor(engine: AsyncEngine, url: str, tmp_path: Path) -> Auditor:
    """Return an auditor of a record with two complaints, each with words."""
    for steps in (long_story(), withdrawn()):
        recorded = 0
        for complaint in steps:
            if complaint.state.sequence > recorded:
                await write_transition(engine, transition_since(complaint, recorded))
                recorded = complaint.state.sequence
    return Auditor(engine, url, tmp_path)


EVENTS = [*long_story()][-1].state.events
REPLY = next(event for event in EVENTS if event.kind == "reply")
NUMBERS = {
    "first": 1,
    "reply": REPLY.sequence,
    "next": REPLY.sequence + 1,
    "last": len(EVENTS),
    "added": len(EVENTS) + 1,
}


async def test_a_record_that_nobody_changed_is_clean(auditor: Auditor) -> None:
    await auditor.sign()
    await auditor.sign(MORNING + timedelta(days=1))
    summary, findings = await auditor.audit(with_folder=True)
    assert findings == []
    assert (summary.complaints, summary.without_words, summary.roots, summary.files) == (2, 0, 2, 2)
    assert summary.events > len(EVENTS)
    assert summary.last_root == date(2028, 1, 4)


OF_REPLY = "WHERE reference = '$story' AND sequence = $reply"
OF_LAST = "WHERE reference = '$story' AND sequence = $last"
CHANGES = {
    "backdated": ("UPDATE events SET at = at - interval '3 days' $of_reply", "reply", "was changed after it was"),
    "another actor": ("UPDATE events SET by = 'carl' $of_reply", "reply", "was changed after it was recorded"),
    "another outcome": (
        """UPDATE events SET detail = detail || '{"outcome": "upheld"}' $of_reply""",
        "reply",
        "was changed after it was recorded",
    ),
    "words changed": ("UPDATE free_text SET text = 'It was quick.' $of_reply", "reply", "the words of event"),
    "words emptied": ("UPDATE free_text SET text = NULL $of_reply", "reply", "were taken out"),
    "words deleted": ("DELETE FROM free_text $of_reply", "reply", "were taken out"),
    "one removed": ("DELETE FROM events $of_reply", "reply", "was taken out before event"),
    "the last removed": ("DELETE FROM events $of_last", "last", "was taken out from its end"),
    "the last removed everywhere": (
        "DELETE FROM events $of_last; UPDATE complaints SET sequence = sequence - 1 WHERE reference = '$story'",
        "first",
        "was changed, added or taken out, and the chain computed again",
    ),
    "one added": (
        (
            "INSERT INTO events SELECT reference, sequence + 1, at, 'undo', by, what, detail, NULL, link, at "
            "FROM events $of_last"
        ),
        "added",
        "was added: the complaint's last event is",
    ),
    "two swapped": (
        (
            "UPDATE events SET sequence = 9999 $of_reply; "
            "UPDATE events SET sequence = $reply WHERE reference = '$story' AND sequence = $next; "
            "UPDATE events SET sequence = $next WHERE reference = '$story' AND sequence = 9999"
        ),
        "reply",
        "were swapped",
    ),
}


@pytest.mark.parametrize(("command", "number", "sentence"), CHANGES.values(), ids=CHANGES)
async def test_a_change_is_named(auditor: Auditor, command: str, number: str, sentence: str) -> None:
    await auditor.sign()
    await auditor.as_owner(command)
    finding = await auditor.finding()
    assert (finding.reference, finding.sequence) == (STORY, NUMBERS[number])
    assert sentence in finding.sentence


async def test_a_chain_that_was_computed_again_is_not_the_signed_one(auditor: Auditor) -> None:
    await auditor.sign()
    await auditor.as_owner("UPDATE events SET at = at - interval '3 days' $of_reply")
    await auditor.link_again()
    finding = await auditor.finding()
    assert finding.reference == STORY
    assert finding.sentence == (
        f"one of the events 1 to {len(EVENTS)} was changed, added or taken out, and the chain computed again: "
        f"the root of 2028-01-03 has another event {len(EVENTS)}"
    )


async def test_a_later_root_signs_no_change_of_the_past(auditor: Auditor) -> None:
    await auditor.sign()
    await auditor.as_owner("UPDATE events SET by = 'carl' $of_reply")
    await auditor.link_again()
    await auditor.sign(MORNING + timedelta(days=1))
    assert "the root of 2028-01-03 has another event" in (await auditor.finding()).sentence


async def test_a_complaint_that_was_taken_out_is_named(auditor: Auditor) -> None:
    await auditor.sign()
    for table in ("events", "free_text", "answers", "letters", "alerts", "deadlines", "complaints"):
        await auditor.as_owner("DELETE FROM $table WHERE reference = '$other'", table=table)
    finding = await auditor.finding()
    assert (finding.reference, finding.sequence) == (OTHER, None)
    assert finding.sentence == "the complaint was taken out: the root of 2028-01-03 has it"
    assert (await auditor.audit(STORY))[1] == []
    assert await auditor.finding(OTHER) == finding


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("UPDATE audit_roots SET root = '00' WHERE day = '2028-01-04'", "its signature is not of the key for audits"),
        ("DELETE FROM audit_roots WHERE day = '2028-01-03'", "a root was taken out"),
        ("UPDATE audit_leaves SET sequence = 2", "its leaves on the record are not those that it signs"),
        ("DELETE FROM audit_leaves", "its leaves on the record are not those that it signs"),
    ],
)
async def test_a_change_of_the_roots_is_named(auditor: Auditor, command: str, sentence: str) -> None:
    await auditor.sign()
    await auditor.sign(MORNING + timedelta(days=1))
    await auditor.as_owner(command)
    assert any(sentence in each for each in await auditor.findings())


async def test_the_folder_has_what_the_records_owner_deleted(auditor: Auditor) -> None:
    await auditor.sign()
    await auditor.as_owner("UPDATE events SET by = 'carl' $of_reply")
    await auditor.link_again()
    await auditor.as_owner("DELETE FROM audit_leaves; DELETE FROM audit_roots")
    assert await auditor.findings() == []
    root, changed = await auditor.findings(with_folder=True)
    assert root == "the root of 2028-01-03: the folder has it, and the record does not: it was taken out"
    assert "the root of 2028-01-03 has another event" in changed


async def test_a_file_that_nobody_signed_is_named_and_counts_for_nothing(auditor: Auditor) -> None:
    file = await auditor.sign()
    forged = file.model_copy(update={"root": file.root.model_copy(update={"day": date(2028, 1, 5)}), "leaves": []})
    put_root(auditor.folder, forged)
    assert await auditor.findings(with_folder=True) == ["the folder's file root-2028-01-05.json is not a signed root"]


async def test_erasing_and_anonymising_leave_the_audit_clean(auditor: Auditor, engine: AsyncEngine) -> None:
    await auditor.sign()
    await anonymise(engine, [OTHER], MORNING, None, "policy")
    await create_tombstone(engine, STORY, MORNING, "lena", "She asked us to.")
    assert await auditor.findings(with_folder=True) == []
    await erase(engine, STORY, MORNING)
    await auditor.sign(MORNING + timedelta(days=1))
    summary, findings = await auditor.audit(with_folder=True)
    assert (findings, summary.without_words) == ([], 2)
    async with engine.connect() as connection:
        rows = (await connection.execute(tables.complaints.select())).mappings().all()
    assert {row["state"]["words_salt"] for row in rows} == {""}
    assert {row["encrypted_state"] for row in rows} == {None}


async def test_a_root_is_signed_once_a_day_and_adds_what_has_grown(auditor: Auditor, engine: AsyncEngine) -> None:
    first = await auditor.sign()
    assert await auditor.sign(MORNING + timedelta(hours=1)) == first
    assert [leaf.reference for leaf in first.leaves] == [OTHER, STORY]
    second = await auditor.sign(MORNING + timedelta(days=1))
    assert (second.leaves, second.root.root, second.root.complaints) == ([], first.root.root, 2)
    assert second.root.previous == first.root.digest
    recorded = await read_roots(engine)
    assert recorded.roots == [first.root, second.root]
    async with engine.begin() as connection:
        with pytest.raises(Exception, match="permission denied"):
            await connection.execute(tables.audit_roots.delete())


async def test_the_service_role_adds_roots_and_changes_none(engine: AsyncEngine) -> None:
    row = {"day": date(2028, 1, 3), "at": MORNING, "complaints": 0, "root": "", "changes": "", "signature": ""}
    async with engine.begin() as connection:
        await connection.execute(insert(tables.audit_roots).values(row))
    for change in (tables.audit_roots.update().values(root="00"), tables.audit_leaves.delete()):
        with pytest.raises(Exception, match="permission denied"):
            async with engine.begin() as connection:
                await connection.execute(change)
