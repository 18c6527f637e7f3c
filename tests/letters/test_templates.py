"""An organisation's own templates are checked before the first letter is composed."""

from pathlib import Path

import pytest

from complaints.letters.facts import AnyFacts
from complaints.letters.markup import clean, mark_quoted, single_line
from complaints.letters.sender import Sender
from complaints.letters.templates import ComposedLetter, Templates, TemplatesError, format_money
from complaints.procedure.dates.date_format import format_long_date
from complaints.procedure.enums import Letter
from tests.letters.render_letter import SENDER, facts_for
from tests.letters.stories import manager_replied, withdrawn
from tests.procedure.builders import day

LETTER = '{% extends "_letter.txt" %}\n{% block subject %}Closed{% endblock %}\n{% block body %}\n'


def errors(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text)
    with pytest.raises(TemplatesError) as error:
        Templates(folder).check()
    return str(error.value).splitlines()


def test_the_shipped_templates_are_valid() -> None:
    Templates().check()


def test_a_folder_replaces_single_templates(tmp_path: Path) -> None:
    (tmp_path / "closed.txt").write_text(LETTER + "It is over, {{ name }}.\n{% endblock %}")
    (tmp_path / "_how_to_reply.txt").write_text("Ring us.\n")
    templates = Templates(tmp_path)
    templates.check()
    closed = templates.compose(facts_for(withdrawn(), "closed"), SENDER)
    assert closed.subject == "Closed (CSC-1)"
    assert "It is over, Ada Smith.\n\nRing us." in closed.text
    reply = templates.compose(facts_for(manager_replied(), "reply"), SENDER)
    assert "We uphold your complaint." in reply.text
    assert "Ring us." in reply.text


def test_every_wrong_template_is_named_at_once(tmp_path: Path) -> None:
    messages = errors(
        tmp_path,
        closed=LETTER + "{{ nmae }}{% endblock %}",
        reply=LETTER + "{% if going_on %}{{ going_on.untill }}{% endif %}{% endblock %}",
        opinion=LETTER + "{% if %}{% endblock %}",
        aknowledgement=LETTER + "{% endblock %}",
        more_time="Dear {{ name }}",
        settlement=LETTER + '{% include "_apology.txt" %}{% endblock %}',
        signpost=LETTER + "{{ where|shout }}{% endblock %}",
    )
    assert messages == [
        "aknowledgement.txt: no letter uses this template; acknowledgement.txt?",
        "reply.txt: 'complaints.letters.fact_types.GoingOn object' has no attribute 'untill'",
        "more_time.txt: the first line has no subject; begin it with 'Subject: '",
        "_apology.txt: there is no such template; add it, or correct the name where it is included",
        "signpost.txt, line 4: No filter named 'shout'.",
        "opinion.txt, line 4: Expected an expression, got 'end of statement block'",
        "closed.txt: there is no nmae; name?",
    ]


def test_an_unknown_variable_in_an_unused_branch_is_found_too(tmp_path: Path) -> None:
    [message] = errors(tmp_path, closed=LETTER + "{% if false %}{{ nmae }}{% endif %}{% endblock %}")
    assert message == "closed.txt: there is no nmae; name?"


def test_a_variable_that_is_sometimes_absent_needs_an_if(tmp_path: Path) -> None:
    [message] = errors(tmp_path, reply=LETTER + "{{ outside_body }}{% endblock %}")
    assert message == "reply.txt: a variable is sometimes absent; print it inside {% if %}"


def test_only_letters_that_the_folder_changes_are_rendered_at_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: set[str] = set()
    compose = Templates.compose

    def noted(self: Templates, facts: AnyFacts, sender: Sender) -> ComposedLetter:
        rendered.add(facts.occasion)
        return compose(self, facts, sender)

    monkeypatch.setattr(Templates, "compose", noted)
    Templates(tmp_path).check()
    assert rendered == set()
    (tmp_path / "closed.txt").write_text(LETTER + "It is over.\n{% endblock %}")
    Templates(tmp_path).check()
    assert rendered == {"closed"}
    (tmp_path / "_merits.txt").write_text("See our page.\n")
    Templates(tmp_path).check()
    assert {"closed", "reply", "correction"} <= rendered < set(Letter)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplatesError, match="there is no such folder"):
        Templates(tmp_path / "nowhere").check()


def test_dates_and_money_are_formatted_for_letters() -> None:
    assert format_long_date(day("2026-12-09")) == "Wednesday 9 December 2026"
    assert [format_money(pence) for pence in (7_500, 7_550, 5, 123_456_00)] == ["£75", "£75.50", "£0.05", "£123,456"]


def test_free_text_cannot_hold_markup() -> None:
    assert mark_quoted("## No heading\r\n- no item\n\n> no more\x00") == "> ## No heading\n> - no item\n>\n> > no more"
    assert single_line("## Ada\r\nBcc: eve@example.org") == "Ada Bcc: eve@example.org"
    assert clean("a\u202eb\u2028c\x1b[31m\ud800") == "ab c[31m"
