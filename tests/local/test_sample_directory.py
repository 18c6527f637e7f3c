"""The sample directory has everybody who acts in the demo, documents and help texts."""

import re
from collections.abc import Iterator
from pathlib import Path

from complaints.policies.loader import load_policy
from complaints.staff.csv_import import StaffFile
from local.demo.stories import STORIES
from local.demo.story import OPENED_BY
from local.servers.sample_directory import FILE
from local.servers.worker import ROOT

FILES_WITH_COMMANDS = [
    ROOT / "README.md",
    *(ROOT / "docs" / name for name in ("operations.md", "sign-in.md")),
    *(ROOT / "admin").rglob("*.py"),
]
POLICY = load_policy()
SAMPLE = StaffFile.read(FILE.read_text(encoding="utf-8"), POLICY)


def test_everybody_who_acts_in_the_demo_is_in_the_sample_directory() -> None:
    actors = {step.fields["by"] for story in STORIES for step in story.steps if step.act}
    handlers = {story.read_form().case.handler for story in STORIES}
    assert {*actors, *handlers, OPENED_BY} <= {*SAMPLE.ids}


def test_everybody_named_in_a_documented_command_is_in_the_sample_directory() -> None:
    staff_ids = {name for file in FILES_WITH_COMMANDS for name in _staff_ids_in(file)}
    assert len(staff_ids) >= 5
    assert staff_ids <= {*SAMPLE.ids}


def _staff_ids_in(file: Path) -> Iterator[str]:
    for match in re.finditer(r"--(?:as|all-of) ([a-z]+[.-][a-z]+)", file.read_text(encoding="utf-8")):
        yield match[1]
