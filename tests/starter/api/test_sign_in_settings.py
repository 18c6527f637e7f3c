"""Settings of the sign-in: what is refused, and in which words."""

import pytest
from pydantic import ValidationError

from complaints.settings import IntakeSettings, settings_errors

PROVIDER = {
    "COMPLAINTS_OIDC_ISSUER": "https://login.example.org/realms/staff",
    "COMPLAINTS_OIDC_AUDIENCE": "complaints",
    "COMPLAINTS_OIDC_CLIENT_ID": "complaints-script",
}
ON_LOOPBACK = {"COMPLAINTS_OIDC_ISSUER": "http://127.0.0.1:8082"}
LOCAL = {"COMPLAINTS_LOCAL": "1"}


@pytest.mark.parametrize("changes", [{}, ON_LOOPBACK | LOCAL, dict.fromkeys(PROVIDER, "")])
def test_a_provider_is_set_whole_or_not_at_all(changes: dict[str, str]) -> None:
    settings = IntakeSettings.read(PROVIDER | changes)
    assert (settings.oidc_issuer is None) == (settings.oidc_audience is None) == (settings.oidc_client_id is None)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"COMPLAINTS_OIDC_ISSUER": "http://login.example.org"}, "COMPLAINTS_OIDC_ISSUER: give an https address"),
        (ON_LOOPBACK, "COMPLAINTS_OIDC_ISSUER: give an https address"),
        (ON_LOOPBACK | LOCAL | {"COMPLAINTS_INTAKE": "0.0.0.0:8080"}, "COMPLAINTS_OIDC_ISSUER: give an https address"),
        (LOCAL | {"COMPLAINTS_OIDC_ISSUER": "http://10.0.0.1"}, "COMPLAINTS_OIDC_ISSUER: give an https address"),
        ({"COMPLAINTS_OIDC_ISSUER": "login.example.org"}, "COMPLAINTS_OIDC_ISSUER: give the issuer's address"),
        ({"COMPLAINTS_OIDC_ISSUER": "https://a.org?b=1"}, "COMPLAINTS_OIDC_ISSUER: give the issuer's address"),
        ({"COMPLAINTS_OIDC_AUDIENCE": ""}, "COMPLAINTS_OIDC_AUDIENCE: goes with COMPLAINTS_OIDC_ISSUER"),
        ({"COMPLAINTS_OIDC_CLIENT_ID": ""}, "COMPLAINTS_OIDC_CLIENT_ID: goes with COMPLAINTS_OIDC_ISSUER"),
        ({"COMPLAINTS_OIDC_CLIENT_ID": "complaints"}, "COMPLAINTS_OIDC_CLIENT_ID: is the audience too"),
        ({"COMPLAINTS_OIDC_SCOPE": 'openid "'}, "COMPLAINTS_OIDC_SCOPE: give scopes"),
    ],
)
def test_an_unsafe_or_incomplete_provider_is_refused(changes: dict[str, str], error: str) -> None:
    with pytest.raises(ValidationError) as refused:
        IntakeSettings.read(PROVIDER | changes)
    [line] = settings_errors(refused.value)
    assert line.startswith(error)
