"""Find the member of staff behind an access token."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from complaints.records.staff_access import StaffAccess
from complaints.staff.members import Member
from starter.api.auth.record_cache import RecordCache
from starter.api.auth.tokens import SKEW_SECONDS, AccessToken, InvalidTokenError, TokenVerifier

LEAD = "lead"
"""Asked for as a role: the lead of any tier."""


@dataclass(frozen=True)
class StaffCaller:
    """A member of staff who signed in. Their id is the actor of their acts."""

    member: Member
    token: AccessToken

    @property
    def id(self) -> str:
        return self.member.id

    @property
    def name(self) -> str:
        """The actor's name, which of staff is their id."""
        return self.member.id

    def leads(self, tier: str) -> bool:
        """Return whether they lead the tier."""
        return tier in self.member.leads

    def has(self, role: str) -> bool:
        """Return whether they have the role; with LEAD, whether they lead any tier."""
        return bool(self.member.leads) if role == LEAD else role in self.member.roles


class StaffRefusedError(Exception):
    """A valid token names nobody who may act.

    `code` is the problem's; the message is a sentence.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class StaffSignIn:
    """Check tokens, and map them to members as last read from the record.

    `read` reads the record; `write_sign_out` writes a session, until when its tokens were issued, and when the last of
    them has expired. `today` returns the day in the policy's time zone. `staff_domain`: of members without an email.
    """

    def __init__(
        self,
        verifier: TokenVerifier | None,
        read: Callable[[], Awaitable[StaffAccess]],
        write_sign_out: Callable[[str, int, datetime], Awaitable[None]],
        today: Callable[[], date],
        *,
        staff_domain: str | None = None,
        is_local: bool = False,
    ) -> None:
        self._verifier = verifier
        self._write_sign_out = write_sign_out
        self._today = today
        self._staff_domain = staff_domain
        self._is_local = is_local
        self._record = RecordCache[StaffAccess](read, StaffAccess(), "staff")

    async def refresh(self) -> None:
        """Read the record."""
        await self._record.refresh()

    async def caller_of(self, token: str) -> StaffCaller:
        """Find who signed in.

        Raises InvalidTokenError, StaffRefusedError, ProviderUnavailableError, UnknownCallersError.
        """
        if self._verifier is None:
            raise InvalidTokenError("no_issuer", "nobody can sign in here, as COMPLAINTS_OIDC_ISSUER is not set")
        checked = await self._verifier.verify(token)
        if checked.issued_at <= self._record.value.signed_out.get(checked.session, -1):
            raise InvalidTokenError("signed_out", "this session was signed out")
        if not self._members_of(checked):
            await self._record.refresh_for_unknown()
        self._record.require_known()
        members = self._members_of(checked)
        if not members:
            raise StaffRefusedError("unknown_staff", f"The directory has nobody for the subject {checked.subject}.")
        if len(members) > 1:
            ids = " and ".join(sorted(member.id for member in members))
            raise StaffRefusedError("unknown_staff", f"{ids} have the same email; give each of them a subject.")
        return StaffCaller(self._require_active(members[0]), checked)

    async def sign_out(self, token: AccessToken) -> None:
        """Make a token invalid, and the earlier ones of its session. Raises RecordError."""
        expires_at = datetime.fromtimestamp(token.expires_at + SKEW_SECONDS, UTC)
        await self._write_sign_out(token.session, token.issued_at, expires_at)
        await self.refresh()

    def _members_of(self, token: AccessToken) -> list[Member]:
        """List the members that a token may name: by subject, else by email."""
        members = self._record.value.members
        if self._is_local:
            return [members[token.subject]] if token.subject in members else []
        if by_subject := [each for each in members.values() if each.subject == token.subject]:
            return by_subject
        email = token.email and token.email.casefold()
        return [each for each in members.values() if email and not each.subject and self._email_of(each) == email]

    def _email_of(self, member: Member) -> str | None:
        email = member.email or (f"{member.id}@{self._staff_domain}" if self._staff_domain else None)
        return email and email.casefold()

    def _require_active(self, member: Member) -> Member:
        if not member.authority.is_active(self._today()):
            raise StaffRefusedError("inactive_staff", f"{member.id} is not active today; see the staff directory.")
        if member.id in self._record.value.unconfirmed:
            raise StaffRefusedError(
                "unconfirmed",
                "The record was restored to an older state. An operator must first give: "
                f"python -m worker confirm staff {member.id}.",
            )
        return member
