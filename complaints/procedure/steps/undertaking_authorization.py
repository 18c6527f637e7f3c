"""R8, R11: who may act on an undertaking, and who may own it."""

from complaints.procedure.acts import Act, CarryOut, NotCarriedOut, ReassignUndertaking
from complaints.procedure.directory_lookup import StaffAuthority
from complaints.procedure.enums import Alert, Code
from complaints.procedure.refusals import Consequence, RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import Undertaking

UNDERTAKING_ACTS = (CarryOut, NotCarriedOut, ReassignUndertaking)


def find_undertaking(c: ComplaintState, act: Act) -> Undertaking | None:
    """Return the undertaking that the act names; None: the number is unknown."""
    assert isinstance(act, UNDERTAKING_ACTS)
    return next((each for each in c.undertakings if each.number == act.undertaking), None)


def check_owner_or_lead(c: ComplaintState, act: Act, actor: StaffAuthority) -> None:
    """Check that the actor owns the undertaking, or leads a tier that answers for it.

    Raises RefusedError.
    """
    undertaking = find_undertaking(c, act)
    if undertaking and actor.id != undertaking.owner and not set(actor.leads) & set(undertaking.tiers):
        raise unauthorised(
            Code.WRONG_ROLE,
            f"{actor.id} neither owns undertaking {undertaking.number} nor leads "
            f"{_titles(c, undertaking)}, which answers for it.",
        )


def check_answering_lead(c: ComplaintState, act: Act, actor: StaffAuthority) -> None:
    """Check that the actor leads a tier that answers for the undertaking. Raises RefusedError."""
    undertaking = find_undertaking(c, act)
    if undertaking and not set(actor.leads) & set(undertaking.tiers):
        titles = _titles(c, undertaking)
        raise unauthorised(Code.WRONG_ROLE, f"{actor.id} does not lead {titles}, which answers for it.")


def check_new_owner(c: ComplaintState, act: Act, owner: StaffAuthority) -> None:
    """Check that the owner to be has the role of a tier that answers for it, or leads one.

    Raises RefusedError.
    """
    undertaking = find_undertaking(c, act)
    if undertaking and not {*owner.roles, *owner.leads} & set(undertaking.tiers):
        raise unauthorised(
            Code.WRONG_ROLE,
            f"{owner.id} does not have the role {_titles(c, undertaking)}, "
            f"which answers for undertaking {undertaking.number}.",
        )


def unauthorised(code: Code, sentence: str) -> RefusedError:
    return RefusedError(code, sentence, Consequence(alert=Alert.WHO_MAY_ACT))


def _titles(c: ComplaintState, undertaking: Undertaking) -> str:
    return " or ".join(c.policy.title_of(tier) for tier in undertaking.tiers)
