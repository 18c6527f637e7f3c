"""An alert says what happened, since when, and which command resolves it (R6, R11)."""

import json
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.channels.errors import ChannelRefusedError
from complaints.channels.webhook_payloads import Notice, WebhookKind, render_payload
from complaints.formatting.command_hints import command_for
from complaints.messages.alerts import BY_ALERT, BY_STATUS, TO_ACT, build_notice
from complaints.messages.key import MessageKey
from complaints.messages.staff_email import alert_email, resolve_mailboxes
from complaints.procedure import acts
from complaints.procedure.enums import Alert, Status
from complaints.procedure.field_types import REFERENCE_PATTERN, STAFF_ID
from complaints.records.tables import ALERTS
from complaints.staff.members import Member
from tests.channels.sample_messages import email
from tests.fixtures.random_complaints import RandomComplaint, play, random_complaints
from tests.fixtures.staff import DIRECTORY_RESULT, directory_result
from tests.letters.reviews import opinion_given
from tests.procedure.builders import APOLOGY, COMPENSATION, HANDLER, LEAD, Story, opened, replied


def last_notice(story: Story, to: str | None = None) -> Notice:
    """Return the last alert, by default to its first recipient."""
    event = [event for event in story.state.events if event.kind in ALERTS][-1]
    assert to is None or to in event.detail["to"]
    return build_notice(story.state, event, to or event.detail["to"][0])


def test_a_reminder_says_what_is_due_by_when() -> None:
    notice = last_notice(opened().at("2026-03-03 09:00"))
    assert notice.kind == "reminded"
    assert notice.what == "Manager: acknowledgement due by the end of Wed 4 Mar 2026"
    assert notice.command == "complaints acknowledge CSC-1 --as ID"


def test_a_lapse_says_since_when_and_how_to_end_it() -> None:
    notice = last_notice(opened().at("2026-03-05 00:00"))
    assert (notice.kind, notice.key) == ("acknowledgement_lapsed", "CSC-1.8.lead:manager")
    assert f"{notice.since:%Y-%m-%dT%H:%M}" == "2026-03-05T00:00"
    assert notice.to_do.startswith("Tell the complainant that the complaint has come in.")


def test_the_lead_is_offered_to_reassign_and_the_holder_is_not() -> None:
    story = opened()
    story.does(acts.Reassign, LEAD, to="mark")
    story.at("2026-03-05 00:00")
    of_lead, of_holder = last_notice(story, "lead:manager"), last_notice(story, "staff:mark")
    assert of_lead.command == "complaints acknowledge CSC-1 --as ID"
    assert of_holder.command == "complaints acknowledge CSC-1 --as mark"
    assert of_lead.otherwise == "complaints reassign CSC-1 --as ID --to ID --reason TEXT"
    assert of_holder.otherwise is None


def test_after_an_automatic_escalation_only_the_next_tiers_lead_has_something_to_do() -> None:
    story = opened().at("2026-03-24 00:00")
    [event] = story.events("alerted", occasion="passed_on")
    before = build_notice(story.state, event, "lead:manager")
    lead, team = (last_notice(story, f"{whose}:customer_complaints_team") for whose in ("lead", "role"))
    assert before.to_do == "Nothing more is for you to do: it has left your tier. See why no reply was sent."
    assert before.command == "complaints show CSC-1"
    assert lead.to_do == "Give it to somebody in your team; or leave it to the first who acts."
    assert lead.command.startswith("complaints reassign CSC-1")
    assert team.to_do.endswith("The first to act holds it.")
    assert team.command == "complaints acknowledge CSC-1 --as ID"


def test_a_lapsed_answer_to_a_recommendation_is_named_by_its_number() -> None:
    story = opinion_given(APOLOGY, COMPENSATION).at("2026-04-08 10:00")
    lapses = [event.what for event in story.events("lapsed")]
    assert lapses[-2:] == [f"Service's answer to recommendation {n} was due by Tue 7 Apr 2026" for n in (1, 2)]
    assert last_notice(story).otherwise is None


def test_an_alert_is_mailed_in_local_time_with_each_command_once() -> None:
    alert_in_summer = last_notice(opened("2026-07-01 10:00").at("2026-07-04 10:00"))
    text = alert_email(alert_in_summer, "Europe/London").text
    assert "Complaint CSC-1, since Sat 4 Jul 2026 00:00." in text
    early = opened(told_case_handler_on=None)
    early.sends(acts.Escalate, to="independent_assessor")
    assert alert_email(last_notice(early), "Europe/London").text.count("complaints show CSC-1") == 1


def test_a_chaser_asks_for_the_reply() -> None:
    notice = last_notice(opened().at("2026-03-23 09:00"))
    assert notice.kind == "chased"
    assert notice.command.startswith("complaints reply CSC-1 --as ID --outcome")


def test_an_undertaking_is_named_by_its_number() -> None:
    story = opened()
    story.does(acts.Reply, remedies=[COMPENSATION])
    notice = last_notice(story.at("2026-03-31 10:00"))
    assert notice.kind == "undertaking_overdue"
    assert notice.command == "complaints carry-out CSC-1 1 --as mark"


def test_a_held_letter_is_named_by_its_number() -> None:
    story = replied()
    story.does(acts.LetterHeld, "post.room", letter=story.events("letter")[-1].sequence)
    notice = last_notice(story)
    assert notice.command == f"complaints letter-sent CSC-1 {story.events('letter')[-1].sequence} --as mark"


def test_an_unauthorised_act_alerts_the_lead_to_reassign() -> None:
    story = opened()
    story.sends(acts.Acknowledge, HANDLER)
    assert last_notice(story).command.startswith("complaints reassign CSC-1")


def test_the_lead_is_asked_to_reassign_a_complaint_without_eligible_holder() -> None:
    story = opened()
    query = story.complaint.directory_query((), story.now)
    assert query
    story.complaint.apply_directory_result(query, directory_result(None), story.now)
    notice = last_notice(story)
    assert (notice.kind, notice.what) == (
        "nobody_to_hold",
        "Manager: nobody is there to hold it; acknowledgement due by the end of Wed 4 Mar 2026",
    )
    assert notice.command == "complaints reassign CSC-1 --as ID --to ID --reason TEXT"


def test_every_occasion_has_an_instruction() -> None:
    # An instruction about a deadline, an undertaking or a letter depends on that item.
    numbered = ("_lapsed", "_overdue", "_held", "_after_all", "undertaking_given")
    about_numbered_items = {alert for alert in Alert if alert.endswith(numbered)}
    assert set(BY_ALERT) | set(TO_ACT) | about_numbered_items == set(Alert)
    assert set(BY_STATUS) == set(Status) - {Status.CLOSED}


def test_alerts_to_those_who_will_write_say_what_the_complainant_needs() -> None:
    needs = {"large_print": True, "language": "Polish", "telephone": True, "other": "an interpreter"}
    says = "The complainant needs large print, another language, the telephone, something else."
    story = opened(complainant={"needs": needs}).at("2026-03-03 09:00")
    assert "needs" not in last_notice(story).to_do
    story.does(acts.Reassign, LEAD, to="mark")
    given = last_notice(story)
    story.does(acts.ChangeContact, LEAD, email="ada.new@example.org")
    changed = last_notice(story)
    to_role = last_notice(story.at("2026-03-24 00:00"), "role:customer_complaints_team")
    for notice in (given, changed, to_role):
        assert notice.to_do.endswith(says)
        text = alert_email(notice, "Europe/London").text
        assert says in text
        assert "Polish" not in text
        assert "interpreter" not in text


@given(random_complaints())
def test_every_event_that_alerts_staff_has_a_text(random_complaint: RandomComplaint) -> None:
    for complaint, act, now in play(random_complaint):
        complaint.apply(act, now, DIRECTORY_RESULT)
    for event in complaint.state.events:
        if event.kind in ALERTS:
            notice = build_notice(complaint.state, event, event.detail["to"][0])
            assert "Nobody called back" not in notice.model_dump_json()


@given(
    st.from_regex(REFERENCE_PATTERN, fullmatch=True),
    st.from_regex(STAFF_ID, fullmatch=True),
    st.text(min_size=1, max_size=400).filter(lambda text: bool(text.strip()) and text.isprintable()),
)
def test_an_alert_to_any_staff_id_about_anything_can_be_sent(reference: str, staff: str, what: str) -> None:
    state = opened().at("2026-03-05 00:00").state
    event = [event for event in state.events if event.kind in ALERTS][-1].model_copy(update={"what": what})
    state = state.model_copy(update={"form": state.form.model_copy(update={"reference": reference})})
    notice = build_notice(state, event, f"staff:{staff}")
    key = MessageKey(reference=reference, sequence=event.sequence, to=f"staff:{staff}")
    assert (str(key), MessageKey.read(notice.key)) == (notice.key, key)
    assert all(len(render_payload(notice, kind)) for kind in WebhookKind)
    message = alert_email(notice, "Europe/London")
    mail = email(key=notice.key, reference=reference, subject=message.subject, text=message.text, html=message.html)
    assert len(mail.message_id) <= 255
    assert message_from_bytes(bytes(mail))["Complaint-Reference"] == reference


@pytest.mark.parametrize("act", acts.ACTS)
def test_a_notice_has_room_for_the_command_of_every_act(act: type[acts.Act]) -> None:
    notice = last_notice(opened().at("2026-03-05 00:00"))
    Notice.model_validate(notice.model_dump() | {"command": command_for(act, "C" * 64, 10_000, by="m" * 100)})


def test_a_headline_in_slack_has_at_most_150_characters() -> None:
    notice = last_notice(opened().at("2026-03-05 00:00")).model_copy(update={"what": "x" * 200})
    header = json.loads(render_payload(notice, WebhookKind.SLACK))["blocks"][0]
    assert header["text"]["text"] == "x" * 149 + "…"


def test_one_invalid_address_keeps_an_alert_from_nobody_else() -> None:
    members = [Member(id="a" * 90, name="A"), Member(id="bea", name="Bea")]
    assert [box.address for box in resolve_mailboxes("lead:manager", members, "example.org")] == ["bea@example.org"]
    with pytest.raises(ChannelRefusedError):
        resolve_mailboxes("lead:manager", members[:1], "example.org")
