"""Data keys are wrapped by a key in AWS KMS, over HTTP."""

from collections.abc import Iterator

import pytest

from complaints.encryption import aws_kms
from complaints.encryption.data_keys import KeysUnreachableError, new_key
from complaints.encryption.key_wrapping import open_wrapping
from complaints.encryption.wrapping_errors import CannotUnwrapError
from tests.encryption.kms_server import ARN, KmsServer, kms_server

NAME = f"aws-kms:{ARN}"


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[KmsServer]:
    with kms_server() as kms:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", kms.url)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "of-this-test")
        yield kms


async def test_kms_wraps_a_key_for_its_id_only(kms: KmsServer) -> None:
    key = new_key()
    async with open_wrapping([NAME]) as wrapping:
        [wrapped] = await wrapping.wrap({key.id: key.secret})
        assert wrapped.wrapped_by == NAME
        assert key.secret not in wrapped.wrapped
        assert await wrapping.unwrap_one(wrapped) == key.secret
        with pytest.raises(CannotUnwrapError):
            await wrapping.unwrap_one(wrapped._replace(id=new_key().id))


async def test_kms_is_asked_once_for_keys_that_were_wrapped_together(kms: KmsServer) -> None:
    keys = {key.id: key.secret for key in (new_key() for _ in range(600))}
    async with open_wrapping([NAME]) as wrapping:
        wrapped = await wrapping.wrap(keys)
    async with open_wrapping([NAME]) as another:
        assert await another.unwrap(wrapped) == keys
    assert kms.operations == ["GenerateDataKey", "Decrypt"]


async def test_a_changed_key_harms_no_other(kms: KmsServer) -> None:
    key, other = new_key(), new_key()
    async with open_wrapping([NAME]) as wrapping:
        [first] = await wrapping.wrap({key.id: key.secret})
        [second] = await wrapping.wrap({other.id: other.secret})
    async with open_wrapping([NAME]) as wrapping:
        for place in (0, 5, len(first.wrapped) - 1):
            changed = first._replace(wrapped=_flip(first.wrapped, place))
            assert await wrapping.unwrap([changed, second]) == {other.id: other.secret}
        assert await wrapping.unwrap([first._replace(wrapped=b""), second]) == {other.id: other.secret}


async def test_kms_that_is_away_or_refuses_is_tried_again(kms: KmsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_kms, "ATTEMPTS", 1)
    key = new_key()
    async with open_wrapping([NAME]) as wrapping:
        [wrapped] = await wrapping.wrap({key.id: key.secret})
    async with open_wrapping([NAME]) as wrapping:
        kms.is_away = True
        with pytest.raises(KeysUnreachableError, match="refused it"):
            await wrapping.unwrap([wrapped])
        kms.is_away = False
        assert await wrapping.unwrap([wrapped]) == {key.id: key.secret}
    async with open_wrapping([NAME[:-1] + "0"]) as another:
        with pytest.raises(KeysUnreachableError, match="NotFoundException"):
            await another.wrap({key.id: key.secret})


async def test_kms_that_cannot_be_reached_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_kms, "ATTEMPTS", 1)
    with kms_server() as gone:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", gone.url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of-this-test")
    async with open_wrapping([NAME]) as wrapping:
        with pytest.raises(KeysUnreachableError, match="cannot be reached"):
            await wrapping.wrap({"k_1": bytes(32)})


def _flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
