"""Codes of forms, acts, events and answers. Other systems rely on their values."""

from collections.abc import Iterable
from enum import StrEnum


def humanize_code(code: str) -> str:
    """Return a code as words: `awaiting_reply` becomes `awaiting reply`."""
    return code.replace("_", " ")


class Status(StrEnum):
    WITH_CASE_HANDLER = "with_case_handler"
    AWAITING_ACKNOWLEDGEMENT = "awaiting_acknowledgement"
    AWAITING_REPLY = "awaiting_reply"
    AWAITING_COMPLAINANT = "awaiting_complainant"
    AWAITING_CASE_CLOSING = "awaiting_case_closing"
    AWAITING_ADMISSION = "awaiting_admission"
    AWAITING_OPINION = "awaiting_opinion"
    AWAITING_RECOMMENDATIONS = "awaiting_recommendations"
    CLOSED = "closed"


class ClosingReason(StrEnum):
    """Reasons for closing (R13)."""

    SETTLED = "settled"
    RESOLVED = "resolved"
    NOT_TAKEN_FURTHER = "not_taken_further"
    WITHDRAWN = "withdrawn"
    FINAL_REPLY = "final_reply"
    OPINION_GIVEN = "opinion_given"
    REVIEW_DECLINED = "review_declined"
    SIGNPOSTED = "signposted"
    OUT_OF_TIME = "out_of_time"
    OPENED_IN_ERROR = "opened_in_error"


class Capacity(StrEnum):
    """The complainant's capacity (R9)."""

    CUSTOMER = "customer"
    REPRESENTATIVE = "representative"
    RESPONDENT_BUSINESS = "respondent_business"


class Need(StrEnum):
    """Kinds of what a complainant needs (R9)."""

    LARGE_PRINT = "large_print"
    LANGUAGE = "language"
    TELEPHONE = "telephone"
    OTHER = "other"

    @property
    def label(self) -> str:
        return _NEEDS[self]


_NEEDS = {
    Need.LARGE_PRINT: "large print",
    Need.LANGUAGE: "another language",
    Need.TELEPHONE: "the telephone",
    Need.OTHER: "something else",
}


def describe_needs(needs: Iterable[Need]) -> str:
    """Say what the complainant needs, without their own words; empty if it is nothing."""
    labels = ", ".join(need.label for need in needs)
    return f"The complainant needs {labels}." if labels else ""


class Channel(StrEnum):
    """Ways to send a letter."""

    EMAIL = "email"
    POST = "post"


class Aspect(StrEnum):
    """The subject of a concern (R9): service, or a subject that is signposted."""

    DELAY = "delay"
    NOT_KEPT_UPDATED = "not_kept_updated"
    INAPPROPRIATE_COMMUNICATION = "inappropriate_communication"
    OTHER_SERVICE = "other_service"
    OUTCOME = "outcome"
    LEGAL_AND_COMMERCIAL = "legal_and_commercial"
    """Legal and commercial obligations of the organisation."""
    DATA_PROTECTION = "data_protection"

    @property
    def is_service(self) -> bool:
        return self not in (Aspect.OUTCOME, Aspect.LEGAL_AND_COMMERCIAL, Aspect.DATA_PROTECTION)


ASPECTS_VERSION = "2"
"""Version of the list of aspects, for reports. Change it when an aspect is added or changes its meaning."""


class Outcome(StrEnum):
    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    NOT_UPHELD = "not_upheld"


class Rest(StrEnum):
    """The status of the other concerns when some are signposted (R9)."""

    NONE = "none"
    """There are no others."""
    LOOKED_AT = "looked_at"
    ANSWERED = "answered"
    """The tier has replied to them already."""
    SIGNPOSTED = "signposted"
    """They are signposted too, to another place."""
    OUT_OF_TIME = "out_of_time"


class RemedyKind(StrEnum):
    """Ways to put things right (R4, R8)."""

    APOLOGY = "apology"
    COMPENSATION = "compensation"
    ACTION = "action"


class Ground(StrEnum):
    """Grounds on which the Independent Assessor declines a review (R8)."""

    OUT_OF_TIME = "out_of_time"
    NOT_ABOUT_SERVICE = "not_about_service"
    ALREADY_CONSIDERED = "already_considered"
    ENQUIRY_ONLY = "enquiry_only"


class DeadlineKind(StrEnum):
    ACKNOWLEDGEMENT = "acknowledgement"
    REPLY = "reply"
    OPINION = "opinion"
    RECOMMENDATION_ANSWER = "recommendation_answer"

    @property
    def label(self) -> str:
        return "answer to recommendation" if self is DeadlineKind.RECOMMENDATION_ANSWER else str(self)


class EventKind(StrEnum):
    """Kinds of event that are not acts. An act's event has the act's name as its kind."""

    OPENED = "opened"
    ADMITTED = "admitted"
    SIGNPOSTED = "signposted"
    TIER_REACHED = "tier_reached"
    GIVEN_TO = "given_to"
    DEADLINE_SET = "deadline_set"
    DEADLINE_MOVED = "deadline_moved"
    DEADLINE_MET = "deadline_met"
    DEADLINE_UNMET = "deadline_unmet"
    DEADLINE_ENDED = "deadline_ended"
    DEADLINE_RESUMED = "deadline_resumed"
    REMINDED = "reminded"
    LAPSED = "lapsed"
    LAPSE_WITHDRAWN = "lapse_withdrawn"
    ALERTED = "alerted"
    CHASED = "chased"
    ESCALATED_ON_LAPSE = "escalated_on_lapse"
    WINDOW_OPENED = "window_opened"
    WINDOW_MOVED = "window_moved"
    WINDOW_ENDED = "window_ended"
    UNDERTAKING_SET = "undertaking_set"
    UNDERTAKING_MOVED = "undertaking_moved"
    UNDERTAKING_REPLACED = "undertaking_replaced"
    LETTER = "letter"
    REFUSED = "refused"
    CALENDAR_EXTENDED = "calendar_extended"
    REVIVED = "revived"
    CLOSED = "closed"
    REOPENED = "reopened"


class Letter(StrEnum):
    """Occasions of letters to the complainant."""

    PASSED_TO_CASE_HANDLER = "passed_to_case_handler"
    ACKNOWLEDGEMENT = "acknowledgement"
    REPLY = "reply"
    CORRECTION = "correction"
    MORE_TIME = "more_time"
    REPLY_LATE = "reply_late"
    PASSED_ON = "passed_on"
    ESCALATION_RECEIVED = "escalation_received"
    ESCALATION_OUT_OF_TIME = "escalation_out_of_time"
    TOO_EARLY = "too_early"
    SETTLEMENT = "settlement"
    SIGNPOST = "signpost"
    OUT_OF_TIME = "out_of_time"
    TAKEN_UP_AGAIN = "taken_up_again"
    REVIEW_WAITS = "review_waits"
    REOPENED = "reopened"
    REVIEW_ACCEPTED = "review_accepted"
    REVIEW_DECLINED = "review_declined"
    OPINION = "opinion"
    RECOMMENDATION_ANSWERED = "recommendation_answered"
    CLOSED = "closed"


class Alert(StrEnum):
    """Occasions of alerts to staff."""

    ACKNOWLEDGEMENT_LAPSED = "acknowledgement_lapsed"
    REPLY_LAPSED = "reply_lapsed"
    OPINION_LAPSED = "opinion_lapsed"
    RECOMMENDATION_ANSWER_LAPSED = "recommendation_answer_lapsed"
    LAPSE_WITHDRAWN = "lapse_withdrawn"
    NOT_LATE_AFTER_ALL = "not_late_after_all"
    CASE_HANDLER_SILENT = "case_handler_silent"
    UNDERTAKING_OVERDUE = "undertaking_overdue"
    SIGNPOSTED_FOR_READING = "signposted_for_reading"
    TOO_EARLY = "too_early"
    WHO_MAY_ACT = "who_may_act"
    PASSED_ON = "passed_on"
    LETTER_HELD = "letter_held"
    GIVEN = "given"
    NOBODY_TO_HOLD = "nobody_to_hold"
    NO_CASE_HANDLER = "no_case_handler"
    REVIEW_REQUESTED = "review_requested"
    RECOMMENDATIONS_MADE = "recommendations_made"
    GOES_ON = "goes_on"
    ACTED_FOR_HOLDER = "acted_for_holder"
    UNDERTAKING_GIVEN = "undertaking_given"
    HOLDER_AWAY = "holder_away"
    INFORMATION_ADDED = "information_added"
    CONTACT_CHANGED = "contact_changed"


class Code(StrEnum):
    """Reasons for refusing an act."""

    UNREADABLE = "unreadable"
    UNKNOWN_ACT = "unknown_act"
    CLOSED = "closed"
    NOT_NOW = "not_now"
    ALREADY_DONE = "already_done"
    NO_SUCH_DEADLINE = "no_such_deadline"
    NO_SUCH_NUMBER = "no_such_number"
    TIER_PASSED = "tier_passed"
    WAS_CASE_HANDLER = "was_case_handler"
    ACTED_EARLIER = "acted_earlier"
    WRONG_ROLE = "wrong_role"
    UNKNOWN_STAFF = "unknown_staff"
    INACTIVE_STAFF = "inactive_staff"
    UNCONFIRMED = "unconfirmed"
    ASSESSOR_HOLDS_OTHER_ROLE = "assessor_holds_other_role"
    IN_FUTURE = "in_future"
    BEFORE_CLOCK = "before_clock"
    NOT_A_WORKING_DAY = "not_a_working_day"
    NOT_LATER = "not_later"
    IN_PAST = "in_past"
    TOO_LONG = "too_long"
    TOO_MANY_EXTENSIONS = "too_many_extensions"
    BEYOND_CALENDAR = "beyond_calendar"
    TOO_EARLY = "too_early"
    WINDOW_ENDED = "window_ended"
    ALREADY_ESCALATED = "already_escalated"
    NO_FURTHER_TIER = "no_further_tier"
    NO_SUCH_TIER = "no_such_tier"
    NOTHING_LATE = "nothing_late"
    NO_CASE = "no_case"
    CASE_OPEN = "case_open"
    NO_ADDRESS = "no_address"
    OPINION_STANDS = "opinion_stands"
    ALREADY_ANSWERED = "already_answered"
    ID_TAKEN = "id_taken"
    FORM_FULL = "form_full"
