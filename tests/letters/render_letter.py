"""From a story to its letters, by the way that every letter takes."""

from datetime import datetime

from complaints.letters.facts import AnyFacts
from complaints.letters.facts_builder import build_facts
from complaints.letters.owed_letter import OwedLetter
from complaints.letters.sender import Letterhead, Sender
from complaints.letters.stationery import Stationery
from complaints.letters.templates import ComposedLetter, Templates
from complaints.records.deliveries import MessageContents
from tests.procedure.builders import HOUSING, Story

SENDER = Sender(
    name="Financial Ombudsman Service",
    address=("Exchange Tower", "Harbour Exchange Square", "London", "E14 9SR"),
    email="complaints@example.org",
    phone="0800 023 4567",
    tiers={
        "independent_assessor": Letterhead(
            name="Independent Assessor",
            address=("PO Box 7", "London", "E14 7AA"),
            email="assessor@example.org",
            signatory="Jane Doe",
        )
    },
)
LANDLORD = Sender(name="Calder Homes", address=("2 Mill Lane", "Halifax"), email="complaints@example.org")
TEMPLATES = Templates()


def owed_letter_of(story: Story, occasion: str) -> OwedLetter:
    """Return the story's latest letter of the occasion."""
    return OwedLetter.of(story.events("letter", occasion=occasion)[-1])


def facts_for(story: Story, occasion: str, sending_at: datetime | None = None) -> AnyFacts:
    """Build the facts of the latest letter, sent when it became owed or at `sending_at`."""
    state, owed = story.state, owed_letter_of(story, occasion)
    free_text = next((event.free_text for event in state.events if event.sequence == owed.quoted_event), {})
    return build_facts(state.form, state.policy, state.calendar, owed, free_text, sending_at or owed.owed_at)


def compose_letter(story: Story, occasion: str, sending_at: datetime | None = None) -> ComposedLetter:
    sender = LANDLORD if story.state.policy is HOUSING else SENDER
    state = story.state
    [event] = story.events("letter", occasion=occasion)[-1:]
    free_text = {event.sequence: event.free_text for event in state.events}
    contents = MessageContents(state=state, event=event, free_text=free_text)
    owed = OwedLetter.of(event)
    return Stationery(TEMPLATES, sender).compose(contents, owed.channel, sending_at or owed.owed_at)
