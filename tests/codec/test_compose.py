"""The codec server of docker-compose.yml."""

from complaints.settings import CodecSettings
from tests.deploy.test_compose import COMPOSE, PARSED, settings_of


def test_the_codec_server_of_compose_asks_for_tokens_which_the_page_passes_on() -> None:
    settings = CodecSettings.read(settings_of("codec"))
    assert str(settings.codec) == "0.0.0.0:8083"
    assert "${CODEC_PORT:-8083}:8083" in COMPOSE
    assert (settings.local, settings.codec_origins) == (False, ())
    assert PARSED["temporal-ui"]["environment"]["TEMPORAL_CODEC_PASS_ACCESS_TOKEN"] == "true"  # noqa: S105
