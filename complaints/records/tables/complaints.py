"""The tables of complaints: their views, search terms, events, texts and dates."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from complaints.procedure.enums import DeadlineKind, Status
from complaints.records.tables.basis import calendars, digest_of, policies
from complaints.records.tables.common import INSTANT, metadata, of_event, one_of, positive, reference

complaints = Table(
    "complaints",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("policy", Text, nullable=False),
    Column("form_digest", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("tier", Text),
    Column("holder", Text),
    Column("opened_at", INSTANT, nullable=False),
    Column("received_at", INSTANT, nullable=False),
    Column("closed_at", INSTANT),
    Column("closing_reason", Text),
    Column("aspects", ARRAY(Text), nullable=False),
    Column("case_open", Boolean, nullable=False),
    Column("window_ends_at", INSTANT),
    Column("next_due_at", INSTANT),
    Column("due_at", INSTANT),
    Column("overdue", Boolean, nullable=False),
    Column("sequence", Integer, nullable=False),  # of the last event
    Column("view", JSONB, nullable=False),  # RecordedView with the texts of `state`
    Column("state", JSONB, nullable=False),  # RecordedState, as `public_state` returns it
    Column("encrypted_state", LargeBinary),  # the whole RecordedState; NULL: erased or anonymised
    digest_of(policies),
    digest_of(calendars),
    one_of("status", Status),
    positive("sequence"),
    CheckConstraint("(closed_at IS NULL) = (closing_reason IS NULL)", name="closing"),
    Index(None, "due_at", "reference"),  # the order of lists
    Index(None, "next_due_at"),
    Index(None, "tier"),
    Index(None, "status"),
    Index(None, "holder"),
    Index(None, "received_at"),
    Index(None, "closed_at"),
    Index("ix_complaints_overdue", "reference", postgresql_where="overdue"),
    Index("ix_complaints_held", "holder", postgresql_where="status <> 'closed'"),  # counts what each person holds
)

WHOLE_STATE = complaints.c.state.concat(
    func.jsonb_build_object(
        "policy",
        select(policies.c.content).where(policies.c.digest == complaints.c.policy_digest).scalar_subquery(),
        "calendar",
        select(calendars.c.content).where(calendars.c.digest == complaints.c.calendar_digest).scalar_subquery(),
    )
).label("state")
"""The public ComplaintState of a row, without events and answers."""
STATE_COLUMNS = (complaints.c.reference, WHOLE_STATE, complaints.c.encrypted_state)
"""What `decrypt_state` takes."""

search_terms = Table(
    "search_terms",
    metadata,
    reference(),
    Column("key", Text, nullable=False),  # the id of the key of the tokens
    Column("tokens", ARRAY(BigInteger), nullable=False),  # erasure deletes the row
    Index(None, "key"),
    Index(None, "tokens", postgresql_using="gin"),
)
"""By which names, addresses and references a complaint is found, as `blind_index` hashes them."""

events = Table(
    "events",
    metadata,
    reference(),
    Column("sequence", Integer, primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("kind", Text, nullable=False),
    Column("by", Text),
    Column("what", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Column("words_digest", Text),  # salted, of the words in `free_text`; NULL: it has none
    Column("link", Text, nullable=False),  # the digest of this event and all before it
    Column("recorded_at", INSTANT, nullable=False),  # by the clock of the worker that wrote the row first
    positive("sequence"),
    Index("ix_events_tier_reached", text("(detail ->> 'tier')"), "at", postgresql_where="kind = 'tier_reached'"),
    Index(
        "ix_events_reported",
        "kind",
        "at",
        postgresql_where="kind IN ('reply', 'correct', 'escalated_on_lapse', 'lapse_withdrawn')",
    ),
)
"""`at` is by the complaint's clock (R12), `recorded_at` by the worker's. The indexes are for reports."""

free_text = Table(
    "free_text",
    metadata,
    *of_event(),
    Column("field", Text, primary_key=True),
    Column("text", LargeBinary),  # encrypted; erasure empties it and keeps the row, so that a retry restores nothing
)

answers = Table(
    "answers",
    metadata,
    reference(),
    Column("act_digest", Text, primary_key=True),  # of the act's id
    Column("content", Text, nullable=False),  # the digest of what the act says
    Column("sequence", Integer, nullable=False),  # of the last event when the answer was given
    Column("answer", JSONB, nullable=False),  # Answer without its id and its sentence
    Column("sentence", LargeBinary),  # encrypted; anonymisation empties it
    positive("sequence"),
)
"""The answers to acts, by which a complaint that is revived from the record recognises a repeated act (R11)."""

deadlines = Table(
    "deadlines",
    metadata,
    reference(),
    Column("number", Integer, primary_key=True),
    Column("tier", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("recommendation", Integer),
    Column("due_on", Date, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("first_at", INSTANT, nullable=False),
    Column("met_at", INSTANT),
    Column("lapsed_at", INSTANT),
    Column("ended_at", INSTANT),
    one_of("kind", DeadlineKind),
    positive("number"),
)

undertakings = Table(
    "undertakings",
    metadata,
    reference(),
    Column("number", Integer, primary_key=True),
    Column("what", Text, nullable=False),  # as in `state`: `action` for what somebody wrote
    Column("by", Date, nullable=False),
    Column("lapsed_at", INSTANT),
    Column("carried_out_at", INSTANT),
    Column("replaced_at", INSTANT),
    Index("ix_undertakings_open", "reference", postgresql_where=text("carried_out_at IS NULL AND replaced_at IS NULL")),
    positive("number"),
)
OPEN_UNDERTAKING = and_(undertakings.c.carried_out_at.is_(None), undertakings.c.replaced_at.is_(None))
"""The condition that an undertaking is still to be carried out."""
