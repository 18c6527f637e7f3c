"""Parts of a complaint's state: tier periods, window, case, undertakings, recommendations."""

from datetime import date, datetime

from pydantic import BaseModel

from complaints.procedure.enums import Alert, Channel, ClosingReason, Outcome, RemedyKind, Status

MAX_CLOSINGS = 300
"""The most closings of a case in the state, for a system that states the same closing every day."""


class TierPeriod(BaseModel):
    """A complaint's time at one tier."""

    tier: str
    started_at: datetime
    """When the tier's clocks start (R3)."""
    keyed_at: datetime
    """When it was keyed; the days after a lapse count from here at the earliest (R6)."""
    left_at: datetime | None = None
    holder: str | None = None
    involved: list[str] = []
    """Staff who held it or acted here; none of them may act at a later tier (R11)."""
    is_holder_sought: bool = False
    """Whether the staff directory has been queried for a holder."""
    alert_owed: Alert | None = Alert.NOBODY_TO_HOLD
    """The alert to the holder, or to all who may take it where there is none; None: they know (R6)."""
    acknowledged_at: datetime | None = None
    replied_at: datetime | None = None
    """When the reply was sent; for the Independent Assessor, her opinion."""
    outcome: Outcome | None = None
    """The outcome of the reply, as last corrected."""
    accepted_at: datetime | None = None
    """When a review was accepted (R8)."""
    policy_changed_at: datetime | None = None
    """When the complaint was last moved to another policy here (R14)."""
    reopened_at: datetime | None = None
    """When a lead last reopened it; the days after a lapse count from here at the earliest (R6, R13)."""
    resumed_at: datetime | None = None
    """When it was last taken up again after a closing (R9, R13)."""
    notice_at: datetime | None = None
    """The next alert or reminder that the tier still waits, where it has no deadline (R8, R10)."""
    passed_on_letter_at: datetime | None = None
    """When the letter goes that it passed to this tier automatically (R6); None: it has gone, or there is none."""
    letter_owed: bool = False
    """Whether the letter that names the case handler waits for the directory (R10)."""
    notice_number: int = 1
    """The number of the alert at `notice_at`, of those at the case handler's step (R10)."""


class WindowLetter(BaseModel):
    """A letter from whose receipt a window counts: a reply, or a correction of it."""

    letter: int | None
    """The sequence of its event; None: it had gone before it was keyed."""
    sent_at: datetime
    """When it last went."""
    channel: Channel


class Window(BaseModel):
    """The time in which the complainant may go on to the next tier (R7, R8, R10)."""

    opened_at: datetime
    received_on: date
    """The deemed day of receipt of the letter; of a complaint out of time, the last day in time."""
    month_ends_at: datetime
    ends_at: datetime | None
    """None: it cannot end while the case is open or the letter is held."""
    letters: list[WindowLetter] = []
    """It counts from the latest receipt. Empty: the complaint closed as out of time, and its case was opened again."""

    def has(self, letter: int) -> bool:
        """Return whether it counts from the product's letter of this number."""
        return any(each.letter == letter for each in self.letters)


class CaseClosing(BaseModel):
    """A statement that the case closed."""

    on: datetime | None
    """None: before the complaint was opened, as its form says."""
    learned_at: datetime


class CaseState(BaseModel):
    """Whether the case is open (R7).

    Statements count in the order of their `on`, and may arrive in any other order.
    """

    reopened_on: datetime | None = None
    """The latest reopening; None: there was none since the complaint's form."""
    closings: list[CaseClosing] = []
    """The closings after `reopened_on`, the earliest first: a statement that arrives later may make each count."""

    @property
    def open(self) -> bool:
        return not self.closings

    @property
    def since(self) -> datetime | None:
        """When it closed or was opened again; None: before the complaint was opened."""
        return self.closings[0].on if self.closings else self.reopened_on

    @property
    def last_statement_on(self) -> datetime | None:
        """The latest `on` of the statements that still count."""
        return self.closings[-1].on if self.closings else self.reopened_on

    def add_closing(self, on: datetime, learned_at: datetime) -> None:
        """Add a closing; one before the last reopening, or stated before, changes nothing."""
        if (self.reopened_on and on <= self.reopened_on) or any(closing.on == on for closing in self.closings):
            return
        self.closings.append(CaseClosing(on=on, learned_at=learned_at))
        self.closings.sort(key=lambda closing: (closing.on is not None, closing.on))
        if len(self.closings) > MAX_CLOSINGS:
            del self.closings[1]

    def add_reopening(self, on: datetime) -> None:
        """Add a reopening. At the instant of a closing, the reopening counts."""
        if self.reopened_on is None or on > self.reopened_on:
            self.reopened_on = on
            self.closings = [closing for closing in self.closings if closing.on and closing.on > on]


class Undertaking(BaseModel):
    """A remedy, or an accepted recommendation, to be carried out by a date (R8)."""

    number: int
    what: str
    kind: RemedyKind
    pence: int | None = None
    recommendation: int | None = None
    tiers: list[str]
    """The tiers whose leads answer for it."""
    owner: str
    """Who is to carry it out: the one who undertook it, until it is given to somebody else (R11)."""
    given_in: int = 0
    """The sequence of the event that gave it to the owner."""
    day_0: date | None = None
    """Day 0 of its date; None: the date was given."""
    by: date
    by_at: datetime
    lapsed_at: datetime | None = None
    chase_at: datetime | None = None
    carried_out_at: datetime | None = None
    replaced_at: datetime | None = None
    """When a correction of the reply replaced it; it is no longer due (R4)."""
    is_promised: bool = True
    """Whether the reply as last corrected promises it; one that was carried out stays, also if not."""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be carried out."""
        return self.carried_out_at is None and self.replaced_at is None

    @property
    def is_overdue(self) -> bool:
        return self.lapsed_at is not None and self.is_open


class Recommendation(BaseModel):
    """A recommendation of the Independent Assessor, and the service's answer (R8)."""

    number: int
    what: str
    kind: RemedyKind
    pence: int | None = None
    accepted: bool | None = None
    answered_by: str | None = None
    undertaking: int | None = None

    def __str__(self) -> str:
        return self.what


class Closing(BaseModel):
    """When and why a complaint closed (R13)."""

    at: datetime
    reason: ClosingReason
    status: Status | None = None
    """The status that it ended, with which the complaint may be taken up again; None: it had no tier."""
    notice_at: datetime | None = None
    """The next alert or reminder of that time, where the tier has no deadline."""
    letter_at: datetime | None = None
    """When the letter about it goes, if the closing was automatic (R7); None: it has gone, or went at once."""
