"""A policy: every figure of one body's procedure, read from TOML (R1 to R9, R13)."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from complaints.procedure.dates.allowance import Allowance, Count, Counting, Months, WorkingDays
from complaints.procedure.dates.calendar import TimeZone
from complaints.procedure.enums import Aspect
from complaints.procedure.field_types import Day, Integer, LocalTime, StoredText, YesNo, pattern_validator
from complaints.procedure.permissions import OfficeRole

TIER_ID, POLICY_ID = r"[a-z][a-z0-9_]{0,49}", r"[a-z][a-z0-9-]{0,99}"
WEB_ADDRESS = r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(/[!-~]*)?"
TierId = Annotated[
    str,
    AfterValidator(pattern_validator(TIER_ID, "an id of up to 50 small letters, digits and _, such as manager")),
    Field(json_schema_extra={"pattern": f"^{TIER_ID}$"}),
]
PolicyId = Annotated[
    str,
    AfterValidator(pattern_validator(POLICY_ID, "an id of up to 100 small letters, digits and -")),
    Field(json_schema_extra={"pattern": f"^{POLICY_ID}$"}),
]
Title = Annotated[StoredText, Field(max_length=100)]
Sentence = Annotated[StoredText, Field(max_length=500)]
WebAddress = Annotated[
    str,
    Field(max_length=300),
    AfterValidator(pattern_validator(WEB_ADDRESS, "an address such as https://www.example.org/decisions")),
    Field(json_schema_extra={"pattern": f"^{WEB_ADDRESS}$"}),
]
Pounds = Annotated[Integer, Field(ge=1, le=1_000_000)]
_ROLES = frozenset(OfficeRole)


class PolicyError(ValueError):
    """A policy is not valid. The message has one line for each error, with its key."""


class PolicyModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExtensionLimits(PolicyModel):
    """Limits on the extensions of a reply deadline (R5); None: no limit."""

    most: Count | None = None
    working_days: WorkingDays | None = None
    """The latest new date, in working days from the first deadline's day."""


class ReplyTerms(PolicyModel):
    """The terms on which a tier replies (R4, R6)."""

    within: Allowance
    counts_from: Literal["receipt", "acknowledgement"] = "receipt"
    chase_every: Allowance
    letter_at_lapse: YesNo = True
    """Whether the complainant gets a letter when the reply is late (R6)."""
    escalate_after_lapse: Allowance | None = None
    """Time from a lapse to the automatic escalation; None: a lapse only alerts."""
    extensions: ExtensionLimits = ExtensionLimits()


class ReviewTerms(PolicyModel):
    """The terms on which the Independent Assessor reviews (R8)."""

    opinion_within: Allowance
    """An internal target, from the day on which she can begin; it only alerts."""
    reasonable_opportunity: Allowance | None = None
    """How late the reply of the tier before must be for a review without it (R7); None: never without a reply."""
    case_open_reminder_every: Allowance
    answer_within: Allowance
    terms_of_reference: WebAddress | None = None
    """Where its terms of reference are; letters about a review name it."""


class Tier(PolicyModel):
    """A stage of the procedure. It replies; the last one may review instead."""

    id: TierId
    title: Title
    in_letters: Title | None = None
    """Its name within a letter's sentence, `our Customer Complaints team`; None: the title."""
    acknowledge_within: Allowance | None = None
    reply: ReplyTerms | None = None
    review: ReviewTerms | None = None
    window: Allowance | None = None
    """Time to go on to the next tier, from the receipt of the reply (R7)."""
    allocate: YesNo = False
    """Whether the directory chooses a holder; otherwise the first to act becomes the holder (R11)."""

    @model_validator(mode="after")
    def _replies_or_reviews(self) -> Self:
        if (self.reply is None) == (self.review is None):
            raise ValueError("give either reply or review")
        if self.reply and self.reply.counts_from == "acknowledgement" and not self.acknowledge_within:
            raise ValueError("acknowledge_within: is needed where the reply counts from the acknowledgement")
        if self.review and self.acknowledge_within:
            raise ValueError("acknowledge_within: a review is not acknowledged; leave it out")
        return self


class CaseHandlerStep(PolicyModel):
    """The first, informal step (R10)."""

    id: TierId
    title: Title
    in_letters: Title | None = None
    alert_after: Allowance
    """How often the first tier's lead is alerted until it is settled or passed on."""
    helpline: Title | None = None
    """Where a complainant calls if no case handler is known, within a letter's sentence."""
    window: Allowance
    """Time to ask for a manager, from the settlement."""


class Holidays(PolicyModel):
    """Days that this body adds to its region's bank holidays, and strikes from them (R1)."""

    add: dict[Day, Title] = {}
    strike: list[Day] = []


class UndertakingTerms(PolicyModel):
    """The time to carry out an undertaking, and how often it is chased (R8)."""

    within: Allowance
    chase_every: Allowance


class YearBegins(PolicyModel):
    """The day on which the year of the annual report begins."""

    month: Annotated[Integer, Field(ge=1, le=12)]
    day: Annotated[Integer, Field(ge=1, le=28)]


class AnnualReportSettings(PolicyModel):
    """Settings of the Independent Assessor's annual report to the Board (R8, R12)."""

    year_begins: YearBegins
    compensation_bands: Annotated[tuple[Pounds, ...], Field(min_length=1, max_length=9)]
    """Bounds in pounds: under the first, then up to each of the others, then over the last."""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if list(self.compensation_bands) != sorted(set(self.compensation_bands)):
            raise ValueError("compensation_bands: give each once, in rising order")
        return self


class RetentionTerm(PolicyModel):
    """How long records are kept after the closing, and what follows."""

    months: Months
    then: Literal["anonymise", "review"]
    """`review`: a person decides whether to erase them or keep them longer."""


class RetentionPeriods(PolicyModel):
    """Retention terms, by how far a complaint went. Figures of reports stay for good."""

    not_taken: RetentionTerm
    """Closed as signposted, out of time or opened in error."""
    answered: RetentionTerm
    """All others that were not referred to a review."""
    reviewed: RetentionTerm | None = None
    """Referred to the tier that reviews; not needed where no tier reviews."""

    def kinds(self) -> dict[str, RetentionTerm]:
        """Return the terms that the policy has, by kind."""
        terms = {"not_taken": self.not_taken, "answered": self.answered, "reviewed": self.reviewed}
        return {kind: term for kind, term in terms.items() if term}


class Policy(PolicyModel):
    """One body's procedure. A complaint keeps the policy with which it started (R14)."""

    id: PolicyId
    version: Title
    title: Title
    time_zone: TimeZone
    region: Title
    """A region of the bank holidays, such as england-and-wales."""
    holidays: Holidays = Holidays()
    notices_at: LocalTime
    """Local time of reminders and chasers (R6)."""
    reminder_before: Allowance
    post_takes: Allowance
    """Time from posting a letter to its receipt (R7)."""
    reopening_period: Allowance
    """How long a closed complaint's workflow stays for late acts (R13)."""
    case_may_be_open: YesNo = True
    """False for a body whose complaints are not about a case; the form must then say it is closed."""
    in_time_within: Allowance | None = None
    """How long a complaint is in time after the answer to the case (R9); None: always."""
    outside_body: Sentence | None = None
    """Where a complainant can go after the last reply."""
    signposts: dict[Aspect, Sentence]
    """Where to take concerns that are not about service (R9). Legal and commercial obligations may be left out: they
    are taken where the outcome is."""
    name_holder: YesNo = False
    """Whether letters name the person who deals with the complaint, where the staff directory knows one."""
    decision_process: WebAddress | None = None
    """Where the decision process is described; letters name it where they say what is not looked at (R9)."""
    undertakings: UndertakingTerms
    retention: RetentionPeriods | None = None
    """None: records are kept until somebody erases them."""
    case_handler: CaseHandlerStep | None = None
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=9)]
    annual_report: AnnualReportSettings | None = None
    """Of the tier that reviews; None: there is no annual report."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        errors = []
        ids = [tier.id for tier in self.tiers] + ([self.case_handler.id] if self.case_handler else [])
        if len(set(ids)) < len(ids):
            errors.append("tiers: two have the same id; give each its own")
        errors += [f"tiers: {each} is a role of the staff directory; give another id" for each in ids if each in _ROLES]
        *earlier, last = self.tiers
        errors += [f"tiers: {tier.id} reviews; only the last tier may" for tier in earlier if tier.review]
        errors += [f"tiers: {tier.id} needs a window to the next tier" for tier in earlier if not tier.window]
        if last.window:
            errors.append(f"tiers: {last.id} is the last tier; leave out its window")
        if last.review and not earlier:
            errors.append("tiers: a tier that reviews needs one before it that replies")
        if last.reply and last.reply.escalate_after_lapse:
            errors.append(f"tiers: {last.id} is the last tier; leave out escalate_after_lapse")
        if last.reply and not self.outside_body:
            errors.append("outside_body: say where a complainant can go after the last reply")
        errors += [
            f"signposts: say where {aspect} is taken"
            for aspect in (Aspect.OUTCOME, Aspect.DATA_PROTECTION)
            if aspect not in self.signposts
        ]
        if self.annual_report and not last.review:
            errors.append("annual_report: no tier reviews, so there is nothing to report; leave it out")
        if self.reminder_before.counting is Counting.CALENDAR:
            errors.append("reminder_before: give working_days, hours or seconds")
        if self.in_time_within and (self.in_time_within.working_days or self.in_time_within.roll):
            errors.append(
                "in_time_within: give months, weeks or calendar_days, without roll; "
                "the answer may be older than any calendar"
            )
        errors += self._retention_errors()
        if errors:
            raise ValueError("\n".join(errors))
        return self

    def _retention_errors(self) -> list[str]:
        if self.retention is None:
            return []
        reopening = self.reopening_period
        errors = [
            f"retention.{kind}: give more months than the reopening_period"
            for kind, term in self.retention.kinds().items()
            if (term.months <= reopening.months if reopening.months else 28 * term.months < reopening.days_at_most)
        ]
        if self.retention.reviewed is None and any(tier.review for tier in self.tiers):
            errors.append("retention.reviewed: is needed where a tier reviews")
        return errors

    @property
    def steps(self) -> list[str]:
        """The ids of the case handler's step, if there is one, and of the tiers."""
        return [*([self.case_handler.id] if self.case_handler else []), *(tier.id for tier in self.tiers)]

    @property
    def name(self) -> str:
        """Its id and version."""
        return f"{self.id} {self.version}"

    def signpost(self, aspect: Aspect) -> str:
        """Return the sentence that says where a concern that is not about service is taken."""
        return self.signposts.get(aspect) or self.signposts[Aspect.OUTCOME]

    def tier(self, tier_id: str) -> Tier:
        return next(tier for tier in self.tiers if tier.id == tier_id)

    def tier_after(self, tier_id: str) -> Tier | None:
        """Return the next tier; the first one follows the case handler's step."""
        ids = [tier.id for tier in self.tiers]
        following = ids.index(tier_id) + 1 if tier_id in ids else 0
        return self.tiers[following] if following < len(ids) else None

    def title_of(self, tier_id: str) -> str:
        return self.step(tier_id).title

    def in_letters(self, tier_id: str) -> str:
        """Return the name of a tier, or of the case handler's step, within a letter's sentence."""
        step = self.step(tier_id)
        return step.in_letters or step.title

    def step(self, tier_id: str) -> Tier | CaseHandlerStep:
        """Return the tier, or the case handler's step."""
        return next(step for step in (*self.tiers, self.case_handler) if step and step.id == tier_id)
