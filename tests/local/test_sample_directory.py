"""The sample directory knows everybody who acts in the demo, in the examples and in what people are told to type."""

import re
from collections.abc import Iterator
from pathlib import Path

from complaints.policies.loader import load_policy
from complaints.staff.csv_import import StaffFile
from local.demo.stories import STORIES
from local.demo.story import OPENED_BY
from local.servers.sample_directory import FILE
from local.servers.worker import ROOT

TYPED = [ROOT / "README.md", ROOT / "docs" / "operations.md", *(ROOT / "admin").glob("*.py")]
POLICY = load_policy()
SAMPLE = StaffFile.read(FILE.read_text(encoding="utf-8"), POLICY)


def test_whoever_acts_in_the_demo_is_in_it() -> None:
    actors = {step.fields["by"] for story in STORIES for step in story.steps if step.act}
    handlers = {story.read_form().case.handler for story in STORIES}
    assert {*actors, *handlers, OPENED_BY} <= {*SAMPLE.ids}


def test_whoever_is_typed_is_in_it() -> None:
    typed = {name for file in TYPED for name in _typed_in(file)}
    assert len(typed) > 5
    assert typed <= {*SAMPLE.ids}


def _typed_in(file: Path) -> Iterator[str]:
    for found in re.finditer(r"--(?:as|all-of) ([a-z]+[.-][a-z]+)", file.read_text(encoding="utf-8")):
        yield found[1]
