"""Requests of other sites: a foreign Host or Origin is refused, over HTTP."""

import json

import pytest
from pydantic import ValidationError

from complaints.runtime.request_source import refusal_of
from complaints.settings import IntakeSettings, settings_errors
from tests.runtime.raw_http import echoing, raw

NAMES = ("complaints.example.org",)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:8080",
        "localhost.:8080",
        "127.0.0.1:8080",
        "10.1.2.3",
        "[::1]:8080",
        "complaints.example.org",
        "Complaints.Example.org:443",
        None,
    ],
)
def test_an_address_and_a_name_of_the_service_are_served(host: str | None) -> None:
    assert refusal_of(host, None, NAMES) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "complaints.example.org.evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example@127.0.0.1",
        "127.0.0.1:8080@evil.example",
        "[evil.example]",
        "127.0.0.1:8080, evil.example",
        "2130706433.evil.example",
        "",
    ],
)
def test_another_host_is_refused(host: str) -> None:
    refused = refusal_of(host, None, NAMES)
    assert refused
    assert (refused.status, refused.code) == (421, "foreign_host")


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("localhost:8080", "http://LOCALHOST:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("complaints.example.org", "https://complaints.example.org"),
        ("127.0.0.1:8080", "https://complaints.example.org"),  # behind a proxy that sends another Host
    ],
)
def test_a_page_of_the_service_may_send_requests(host: str, origin: str) -> None:
    assert refusal_of(host, origin, NAMES) is None


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "",
        "http://localhost:3000",
        "http://127.0.0.1:9090",
        "https://complaints.example.org.evil.example",
        "file://",
        "chrome-extension://127.0.0.1:8080",
    ],
)
def test_a_page_of_another_site_may_not(origin: str) -> None:
    refused = refusal_of("127.0.0.1:8080", origin, NAMES)
    assert refused
    assert (refused.status, refused.code) == (403, "foreign_origin")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "https://temporal.example.org.evil.example"])
@pytest.mark.parametrize("host", ["127.0.0.1:8083", "complaints.example.org"])
def test_where_origins_are_named_no_other_page_may_not_even_the_services_own(host: str, origin: str) -> None:
    origins = ("https://temporal.example.org",)
    assert refusal_of(host, origins[0], NAMES, origins) is None
    for other in (origin, f"http://{host}", f"https://{NAMES[0]}", "http://temporal.example.org"):
        refused = refusal_of(host, other, NAMES, origins)
        assert refused
        assert refused.code == "foreign_origin"
    assert refusal_of("evil.example", origins[0], NAMES, origins)


async def test_a_refused_request_gets_a_problem_and_never_reaches_the_service() -> None:
    async with echoing(hosts=NAMES) as port:
        for fields, status, code in (
            (("Host: evil.example",), 421, "foreign_host"),
            (("Host: localhost", "Origin: http://evil.example"), 403, "foreign_origin"),
        ):
            async with raw(port) as connection:
                await connection.send("POST /a HTTP/1.1", *fields, "Content-Length: 0")
                answered = await connection.answer()
            problem = json.loads(answered[1])
            assert (answered[0], problem["status"], problem["code"]) == (status, status, code)
            assert "evil" not in answered[1]


def test_the_names_of_the_service_are_a_list() -> None:
    settings = IntakeSettings.read({"COMPLAINTS_HOSTS": "complaints.example.org, INTAKE"})
    assert settings.hosts == ("complaints.example.org", "intake")
    with pytest.raises(ValidationError) as refused:
        IntakeSettings.read({"COMPLAINTS_HOSTS": "https://complaints.example.org"})
    [line] = settings_errors(refused.value)
    assert line.startswith("COMPLAINTS_HOSTS")
