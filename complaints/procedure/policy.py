"""A policy: every figure of one body's procedure, read from a TOML file (R1 to R9, R13)."""

import tomllib
from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from complaints.procedure.dates.allowance import Allowance, Count, Months, WorkingDays
from complaints.procedure.dates.calendar import TimeZone
from complaints.procedure.enums import Aspect
from complaints.procedure.validation_messages import validation_errors

TierId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
Title = Annotated[str, Field(min_length=1, max_length=100)]
Sentence = Annotated[str, Field(min_length=1, max_length=500)]
Pounds = Annotated[int, Field(ge=1, le=1_000_000)]


class PolicyError(ValueError):
    """A policy that cannot be used; its message lists every mistake with its key."""


class PolicyModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExtensionLimits(PolicyModel):
    """What caps the extensions of a reply deadline (R5); None where the page has no cap."""

    most: Count | None = None
    working_days: WorkingDays | None = None
    """The latest new date, in working days from the first deadline's day."""


class ReplyTerms(PolicyModel):
    """A tier's promise to reply (R4, R6)."""

    within: Allowance
    counts_from: Literal["receipt", "acknowledgement"] = "receipt"
    chase_every: Allowance
    escalate_after_lapse: Allowance | None = None
    """How long after a lapse the complaint passes to the next tier by itself; None: a lapse only alerts."""
    extensions: ExtensionLimits = ExtensionLimits()


class ReviewTerms(PolicyModel):
    """The Independent Assessor's own way of working (R8)."""

    opinion_within: Allowance
    """An internal target, from when she can begin; it only alerts."""
    case_open_reminder_every: Allowance
    answer_within: Allowance


class Tier(PolicyModel):
    """One stage of the procedure: it replies, or, as the last one, it reviews."""

    id: TierId
    title: Title
    in_letters: Title | None = None
    """What a letter calls it within a sentence, such as `our Customer Complaints team`; None: its title."""
    acknowledge_within: Allowance | None = None
    reply: ReplyTerms | None = None
    review: ReviewTerms | None = None
    window: Allowance | None = None
    """How long after receiving the reply the complainant may go on to the next tier (R7)."""
    allocate: bool = False
    """Whether somebody is chosen to hold a complaint that comes here; else whoever acts first holds it (R11)."""

    @model_validator(mode="after")
    def _replies_or_reviews(self) -> Self:
        if (self.reply is None) == (self.review is None):
            raise ValueError("a tier has either reply or review")
        if self.reply and self.reply.counts_from == "acknowledgement" and not self.acknowledge_within:
            raise ValueError("a reply that counts from the acknowledgement needs acknowledge_within")
        if self.review and self.acknowledge_within:
            raise ValueError("a review is not acknowledged, it is accepted or declined")
        return self


class CaseHandlerStep(PolicyModel):
    """The first, informal step (R10)."""

    id: TierId
    title: Title
    in_letters: Title | None = None
    alert_after: Allowance
    window: Allowance
    """How long after settling a manager may still be asked for."""


class Holidays(PolicyModel):
    """What this body adds to its region's bank holidays and what it strikes from them (R1)."""

    add: dict[date, Title] = {}
    strike: list[date] = []


class UndertakingTerms(PolicyModel):
    """When what was promised is to be done, and how often it is chased (R8)."""

    within: Allowance
    chase_every: Allowance


class YearBegins(PolicyModel):
    """The day on which a year of reports begins."""

    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=28)]


class AnnualReportSettings(PolicyModel):
    """How the Independent Assessor reports to the Board (R8, R12)."""

    year_begins: YearBegins
    compensation_bands: Annotated[tuple[Pounds, ...], Field(min_length=1, max_length=9)]
    """The bounds in pounds: under the first, then up to each of the others, then over the last."""

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if list(self.compensation_bands) != sorted(set(self.compensation_bands)):
            raise ValueError("compensation_bands: give them from the least to the greatest")
        return self


class RetentionTerm(PolicyModel):
    """How long records of a kind are kept after the complaint closed, and what then becomes of them."""

    months: Months
    then: Literal["anonymise", "review"]
    """`review`: a person decides to erase them, or to keep them longer."""


class RetentionPeriods(PolicyModel):
    """By how far a complaint went. Figures of reports stay, whatever becomes of the people in them."""

    not_taken: RetentionTerm
    """Closed as signposted, out of time or opened in error."""
    answered: RetentionTerm
    """All others, but for those that were referred to a review."""
    reviewed: RetentionTerm | None = None
    """Referred to the tier that reviews; not needed where the policy has none."""

    def kinds(self) -> dict[str, RetentionTerm]:
        given = {"not_taken": self.not_taken, "answered": self.answered, "reviewed": self.reviewed}
        return {kind: kept for kind, kept in given.items() if kept}


class Policy(PolicyModel):
    """One body's procedure, with every figure. A complaint keeps the policy with which it started (R14)."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,99}$")]
    version: Title
    title: Title
    time_zone: TimeZone
    region: Title
    """A region of the bank holidays, such as england-and-wales."""
    holidays: Holidays = Holidays()
    notices_at: time
    """Local time of reminders and chasers (R6)."""
    reminder_before: Allowance
    post_takes: Allowance
    """From posting a letter to its receipt (R7)."""
    reopening_period: Allowance
    """How long a closed complaint's workflow stays to answer late acts (R13)."""
    case_may_be_open: bool = True
    """False for a body whose complaints are not about a case: then no case is asked after."""
    in_time_within: Allowance | None = None
    """After the answer on the case, how long a complaint is in time (R9); None: always."""
    outside_body: Sentence | None = None
    """Where a complainant may turn after the last reply."""
    signposts: dict[Aspect, Sentence]
    """Where concerns that are not about service are taken instead (R9)."""
    undertakings: UndertakingTerms
    retention: RetentionPeriods | None = None
    """None: records are kept until somebody erases them."""
    case_handler: CaseHandlerStep | None = None
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=9)]
    annual_report: AnnualReportSettings | None = None
    """Of the tier that reviews; None: there is no such report."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        errors = []
        ids = [tier.id for tier in self.tiers] + ([self.case_handler.id] if self.case_handler else [])
        if len(set(ids)) < len(ids):
            errors.append("tiers: each tier needs an id of its own")
        *earlier, last = self.tiers
        errors += [f"tiers: only the last tier may review, {tier.id} is not" for tier in earlier if tier.review]
        errors += [f"tiers: {tier.id} needs a window to the next tier" for tier in earlier if not tier.window]
        if last.window:
            errors.append(f"tiers: {last.id} is the last tier and has no window")
        if last.review and not earlier:
            errors.append("tiers: a review needs a tier before it")
        if last.reply and last.reply.escalate_after_lapse:
            errors.append(f"tiers: {last.id} is the last tier, its lapse cannot escalate")
        if last.reply and not self.outside_body:
            errors.append("outside_body: say where a complainant may turn after the last reply")
        errors += [
            f"signposts: say where {aspect} is taken"
            for aspect in Aspect
            if not aspect.is_service and aspect not in self.signposts
        ]
        if self.reminder_before.months:
            errors.append("reminder_before: give working_days or seconds")
        if self.in_time_within and self.in_time_within.working_days:
            errors.append("in_time_within: give months, for the answer may be older than any calendar")
        errors += self._retention_errors()
        if errors:
            raise ValueError("\n".join(errors))
        return self

    def _retention_errors(self) -> list[str]:
        if self.retention is None:
            return []
        reopening = self.reopening_period.months or 0
        errors = [
            f"retention: {kind} must be kept longer than the reopening_period"
            for kind, kept in self.retention.kinds().items()
            if kept.months <= reopening
        ]
        if self.retention.reviewed is None and any(tier.review for tier in self.tiers):
            errors.append("retention: say for how long what was reviewed is kept")
        return errors

    @property
    def name(self) -> str:
        """Its id and version, as the record names it."""
        return f"{self.id} {self.version}"

    def tier(self, tier_id: str) -> Tier:
        return next(tier for tier in self.tiers if tier.id == tier_id)

    def tier_after(self, tier_id: str) -> Tier | None:
        """The tier that follows; the first one follows the case handler."""
        ids = [tier.id for tier in self.tiers]
        following = ids.index(tier_id) + 1 if tier_id in ids else 0
        return self.tiers[following] if following < len(ids) else None

    def title_of(self, tier_id: str) -> str:
        return self.step(tier_id).title

    def in_letters(self, tier_id: str) -> str:
        """What a letter calls the tier, or the case handler, within a sentence."""
        part = self.step(tier_id)
        return part.in_letters or part.title

    def step(self, tier_id: str) -> Tier | CaseHandlerStep:
        """The tier, or the case handler's step."""
        return next(part for part in (*self.tiers, self.case_handler) if part and part.id == tier_id)

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Raises PolicyError with every mistake and its key."""
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"not a TOML file: {error}") from error
        except ValidationError as error:
            raise PolicyError("\n".join(validation_errors(error))) from error
