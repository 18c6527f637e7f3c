"""Generate one random complaint, from its form until it is closed and nothing is owed.

Most are answered in time and go no further. Some are late, extended, neglected, escalated or withdrawn; a
few reach the Independent Assessor. The same seed gives the same complaint.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from benchmarks.corpus.names import draw_name, email_of
from complaints.procedure.acts import (
    AcceptReview,
    Acknowledge,
    Act,
    AnswerRecommendation,
    AskManager,
    CarryOut,
    CaseClosed,
    DeclineReview,
    Escalate,
    Extend,
    GiveOpinion,
    Reply,
    Settle,
    Withdraw,
)
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.directory_lookup import DirectoryResult, StaffAuthority
from complaints.procedure.enums import Aspect, Ground, Outcome, Status
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy
from complaints.procedure.state import Start

SERVICE = [aspect for aspect in Aspect if aspect.is_service]
MOST_ACTS = 100
POUNDS = (25, 50, 75, 100, 150, 150, 200, 250, 300, 400, 500, 750, 1_000, 1_500)
SYSTEMS = ("intake", "cases")
LEAD = "lead"
REASON = "It went as it went."


class Life:
    """A complaint and its clock."""

    def __init__(
        self, reference: str, received_at: datetime, policy: Policy, calendar: WorkingCalendar, seed: str = ""
    ) -> None:
        self._chance = Random(seed or reference)  # noqa: S311 (lives, not secrets)
        self._acts = 0
        self.now = self._opened_at(received_at)
        form = self._form(reference, received_at)
        start = Start(form=form, policy=policy, calendar=calendar, opened_by="intake", form_digest=reference)
        self.complaint = Complaint.open(start, self.now)

    def _opened_at(self, received_at: datetime) -> datetime:
        """Return when the form is opened: the same day, mostly."""
        return received_at + timedelta(hours=self._chance.uniform(0, 10))

    def live(self) -> Complaint:
        """Act on the complaint until it is closed and nothing is owed."""
        state = self.complaint.state
        while not state.is_closed or any(not each.carried_out_at for each in state.undertakings):
            assert self._acts < MOST_ACTS, f"{state.reference} does not end"
            NEXT[state.status](self)
        return self.complaint

    def do(self, kind: type[Act], after: float, **said: Any) -> None:
        """Give an act some days later, after everything that falls due before."""
        self.now += timedelta(days=after)
        self._acts += 1
        given = {"id": str(self._acts), "by": f"{self.complaint.state.tier_id}.{self._chance.randint(1, 9)}", **said}
        self.act(kind.model_validate(given))

    def act(self, act: Act) -> None:
        """Apply an act of somebody in the directory."""
        self.complaint.apply(act, self.now, DirectoryResult(authorities=(self._authority(act.by),)))

    def _authority(self, actor: str) -> StaffAuthority:
        """Return an authority with the tier's role."""
        if actor in SYSTEMS:
            return StaffAuthority(id=actor, is_system=True)
        if actor == LEAD:
            return StaffAuthority(id=actor, leads=tuple(tier.id for tier in self.complaint.state.policy.tiers))
        return StaffAuthority(id=actor, roles=(actor.partition(".")[0],))

    def wait(self) -> None:
        """Wait until the next scheduled event."""
        following = self.complaint.next_due()
        assert following, "something is due as long as it is open"
        self._acts += 1
        self.now = max(self.now, following.at)
        self.complaint.elapse(self.now)

    def happens(self, share: float) -> bool:
        return self._chance.random() < share

    def days(self, median: float) -> float:
        """Return a number of days: mostly about `about`, sometimes many more."""
        return median * self._chance.lognormvariate(0, 0.45)

    def with_case_handler(self) -> None:
        if self.happens(0.6):
            self.do(AskManager, self.days(4), by="intake")
        else:
            self.do(Settle, self.days(3), explanation=REASON)

    def awaiting_acknowledgement(self) -> None:
        if self.happens(0.02):
            self.do(Withdraw, self.days(1), by="intake")
        elif self.happens(0.02):
            self.do(Escalate, self.days(1), by="intake", to=self.complaint.state.policy.tiers[-1].id)
        else:
            self.do(Acknowledge, self.days(0.9), by=self.holder())

    def awaiting_reply(self) -> None:
        if self.happens(0.03):
            self.wait()  # neglected, until something happens
        elif self.happens(0.08):
            self.do(Extend, self.days(5), by=self.holder(), to=self.a_working_day(35), explanation=REASON)
        else:
            outcome = self._chance.choice(tuple(Outcome))
            remedies = () if outcome is Outcome.NOT_UPHELD else self.remedies()
            self.do(Reply, self.days(7.5), by=self.holder(), outcome=outcome, findings=REASON, remedies=remedies)

    def awaiting_complainant(self) -> None:
        if self.happens(0.95) and any(not each.carried_out_at for each in self.complaint.state.undertakings):
            self.carry_out()
        elif self.complaint.state.case.open and self.happens(0.7):
            self.do(CaseClosed, self.days(20), by="cases")
        elif self.happens(0.15):
            kind = AskManager if self.complaint.state.is_with_case_handler_step else Escalate
            self.do(kind, self.days(8), by="intake")
        elif self.complaint.next_due():
            self.wait()

    def awaiting_case_closing(self) -> None:
        self.do(CaseClosed, self.days(30), by="cases")

    def awaiting_admission(self) -> None:
        if self.happens(0.7):
            self.do(AcceptReview, self.days(5))
        else:
            self.do(DeclineReview, self.days(5), ground=self._chance.choice(tuple(Ground)), explanation=REASON)

    def awaiting_opinion(self) -> None:
        satisfactory = self.happens(0.6)
        recommendations = () if satisfactory or self.happens(0.1) else self.remedies()
        self.do(
            GiveOpinion,
            self.days(25),
            by=self.holder(),
            satisfactory=satisfactory,
            explanation=REASON,
            recommendations=recommendations,
        )

    def awaiting_recommendations(self) -> None:
        for each in self.complaint.state.recommendations:
            if each.accepted is None:
                accepted = self.happens(0.9)
                self.do(
                    AnswerRecommendation,
                    self.days(4),
                    by=LEAD,
                    recommendation=each.number,
                    accepted=accepted,
                    reason=None if accepted else REASON,
                )
                return
        self.carry_out()

    def carry_out(self) -> None:
        open_still = next(each for each in self.complaint.state.undertakings if not each.carried_out_at)
        self.do(CarryOut, self.days(6), by=LEAD, undertaking=open_still.number)

    def holder(self) -> str:
        return self.complaint.state.holder or f"{self.complaint.state.tier_id}.{self._chance.randint(1, 40)}"

    def remedies(self) -> list[dict[str, Any]]:
        given: list[dict[str, Any]] = [{"kind": "apology"}]
        if self.happens(0.6):
            given.append({"kind": "compensation", "pence": 100 * self._chance.choice(POUNDS)})
        if self.happens(0.2):
            given.append({"kind": "action", "what": REASON})
        return given

    def a_working_day(self, ahead: int) -> date:
        calendar = self.complaint.state.calendar
        return calendar.working_day_after(calendar.day_of(self.now) + timedelta(days=ahead), 1)

    def _form(self, reference: str, received_at: datetime) -> Form:
        on, name = received_at.date(), draw_name(reference)
        is_open = self.happens(0.2)
        aspects = self._chance.sample(SERVICE, self._chance.choice((1, 1, 1, 2)))
        if self.happens(0.1):
            aspects.append(self._chance.choice((Aspect.OUTCOME, Aspect.DATA_PROTECTION)))
        if self.happens(0.04):
            aspects = [Aspect.OUTCOME]
        answered = None if is_open else on - timedelta(days=self._chance.randint(1, 95))
        return Form.model_validate(
            {
                "reference": reference,
                "received_at": received_at,
                "complainant": {
                    "name": name,
                    "capacity": self._chance.choice(("customer", "customer", "representative", "respondent_business")),
                    "email": email_of(name),
                    "address": "1 High Street, Leeds",
                    "prefers": self._chance.choice(("email", "post")),
                },
                "case": {"reference": f"CASE-{reference}", "open": is_open, "answered_on": answered},
                "concerns": [{"aspect": aspect, "what_happened": REASON} for aspect in aspects],
                "told_case_handler_on": on - timedelta(days=self._chance.randint(0, 9)) if self.happens(0.7) else None,
            }
        )


NEXT: dict[Status, Callable[[Life], None]] = {
    Status.WITH_CASE_HANDLER: Life.with_case_handler,
    Status.AWAITING_ACKNOWLEDGEMENT: Life.awaiting_acknowledgement,
    Status.AWAITING_REPLY: Life.awaiting_reply,
    Status.AWAITING_COMPLAINANT: Life.awaiting_complainant,
    Status.AWAITING_CASE_CLOSING: Life.awaiting_case_closing,
    Status.AWAITING_ADMISSION: Life.awaiting_admission,
    Status.AWAITING_OPINION: Life.awaiting_opinion,
    Status.AWAITING_RECOMMENDATIONS: Life.awaiting_recommendations,
    Status.CLOSED: Life.carry_out,
}
"""The next act, by the complaint's status; of a closed one, undertakings are carried out."""
