"""Settings of the codec server: what is refused, and in which words."""

import pytest
from pydantic import ValidationError

from complaints.settings import CodecSettings, settings_errors

LOCAL = {"COMPLAINTS_LOCAL": "1"}


def test_the_pages_origins_are_a_list() -> None:
    settings = CodecSettings.read({"COMPLAINTS_CODEC_ORIGINS": "https://temporal.example.org, http://127.0.0.1:8233"})
    assert settings.codec_origins == ("https://temporal.example.org", "http://127.0.0.1:8233")


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (LOCAL | {"COMPLAINTS_CODEC": "0.0.0.0:8083"}, "COMPLAINTS_LOCAL: asks nobody for a token"),
        ({"COMPLAINTS_CODEC": "8083"}, "COMPLAINTS_CODEC: give an IP address and a port"),
        *(
            ({"COMPLAINTS_CODEC_ORIGINS": origin}, "COMPLAINTS_CODEC_ORIGINS[1]: give a scheme, a name and a port")
            for origin in ("*", "null", "temporal.example.org", "https://temporal.example.org/", "https://a@b.org")
        ),
    ],
)
def test_an_unsafe_setting_is_refused(settings: dict[str, str], error: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CodecSettings.read(settings)
    [line] = settings_errors(refused.value)
    assert line.startswith(error)
