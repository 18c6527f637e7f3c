"""The tables of the procedure: the rule of each act, and the sources of scheduled events."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.recalculation import recalculation
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps import (
    admission,
    assessor,
    case_handler,
    case_state,
    closing,
    deadline_rules,
    escalation,
    holder,
    information,
    resumption,
    tier,
    undertakings,
    window,
)
from complaints.procedure.steps.letters import automatic_letters, correction, extension, outcomes
from complaints.procedure.steps.rules import Effect

Rule = Callable[[ComplaintState, Any, datetime], Effect]

RULES: dict[type[Act], Rule] = {
    acts.Acknowledge: tier.acknowledge,
    acts.Reply: tier.reply,
    acts.Correct: correction.correct,
    acts.Extend: extension.extend,
    acts.Escalate: escalation.escalate,
    acts.AcceptLate: escalation.accept_late,
    acts.Classify: admission.classify,
    acts.Resolve: closing.resolve,
    acts.Withdraw: closing.withdraw,
    acts.Reassign: holder.reassign,
    acts.CaseClosed: case_state.case_closed,
    acts.CaseReopened: case_state.case_reopened,
    acts.AskManager: case_handler.ask_manager,
    acts.Settle: case_handler.settle,
    acts.AddInformation: information.add_information,
    acts.ChangeContact: information.change_contact,
    acts.AcceptReview: assessor.accept_review,
    acts.DeclineReview: assessor.decline_review,
    acts.GiveOpinion: assessor.give_opinion,
    acts.AnswerRecommendation: assessor.answer_recommendation,
    acts.CarryOut: undertakings.carry_out,
    acts.NotCarriedOut: undertakings.not_carried_out,
    acts.ReassignUndertaking: undertakings.reassign,
    acts.CloseInError: closing.close_in_error,
    acts.Reopen: resumption.reopen,
    acts.LetterHeld: outcomes.letter_held,
    acts.LetterSent: outcomes.letter_sent,
    acts.Recalendar: recalculation.recalendar,
    acts.ChangePolicy: recalculation.change_policy,
}

SCHEDULES = (
    holder.scheduled_events,
    deadline_rules.scheduled_events,
    tier.scheduled_events,
    window.scheduled_events,
    case_handler.scheduled_events,
    assessor.scheduled_events,
    undertakings.scheduled_events,
    automatic_letters.scheduled_events,
)
