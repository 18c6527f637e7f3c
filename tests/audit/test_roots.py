"""Signed roots, their keys, and the folder that keeps them."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from complaints.audit.folder import put_root, read_folder
from complaints.audit.roots import AuditRoot, Leaf, RootFile, SignedRoot, digest_changes, grown, tree_root
from complaints.audit.signing import AuditKeyError, RootSigner, RootVerifier, make_key

LEAVES = [Leaf("C-1", 4, "aa"), Leaf("C-2", 9, "bb")]
ROOT = AuditRoot(
    day=date(2026, 11, 28),
    at=datetime(2026, 11, 28, 8, tzinfo=UTC),
    complaints=2,
    root=tree_root(LEAVES),
    changes=digest_changes(LEAVES),
    previous=None,
)


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    files = tmp_path / "audit.key", tmp_path / "audit.pub"
    make_key(*files)
    return files


def test_a_signed_root_is_valid_until_any_of_it_changes(keys: tuple[Path, Path]) -> None:
    signed = RootSigner.load(keys[0]).sign(ROOT)
    verifier = RootVerifier.load(keys[1])
    assert verifier.is_signed(signed)
    assert verifier.is_signed(SignedRoot.model_validate_json(signed.model_dump_json()))
    changes = {
        "day": date(2026, 11, 29),
        "at": datetime(2026, 11, 28, 9, tzinfo=UTC),
        "complaints": 3,
        "root": "00",
        "changes": "00",
        "previous": "00",
        "signature": "00",
    }
    assert changes.keys() == SignedRoot.model_fields.keys()
    for name, value in changes.items():
        assert not verifier.is_signed(signed.model_copy(update={name: value})), name


def test_a_root_of_another_key_is_not_valid(keys: tuple[Path, Path], tmp_path: Path) -> None:
    make_key(tmp_path / "other.key", tmp_path / "other.pub")
    signed = RootSigner.load(tmp_path / "other.key").sign(ROOT)
    assert not RootVerifier.load(keys[1]).is_signed(signed)
    both = tmp_path / "both.pub"
    both.write_bytes(keys[1].read_bytes() + (tmp_path / "other.pub").read_bytes())
    assert RootVerifier.load(both).is_signed(signed)


def test_a_key_is_made_once_and_only_its_owner_may_read_it(keys: tuple[Path, Path]) -> None:
    before = keys[0].read_bytes()
    make_key(*keys)
    assert keys[0].read_bytes() == before
    assert keys[0].stat().st_mode & 0o777 == 0o600


def test_a_key_file_that_is_of_no_use_is_refused_with_its_remedy(keys: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(AuditKeyError, match=r"cannot read .*missing\.key"):
        RootSigner.load(tmp_path / "missing.key")
    keys[0].write_bytes(keys[1].read_bytes())
    with pytest.raises(AuditKeyError, match="holds no Ed25519 private key; make one with: openssl genpkey"):
        RootSigner.load(keys[0])
    keys[1].write_text("no key")
    with pytest.raises(AuditKeyError, match="holds no Ed25519 public key; make it with: openssl pkey"):
        RootVerifier.load(keys[1])


def test_a_root_takes_over_what_has_grown_and_no_change_of_the_past() -> None:
    signed = {leaf.reference: leaf for leaf in LEAVES}
    heads = [Leaf("C-1", 4, "changed"), Leaf("C-2", 8, "shorter"), Leaf("C-3", 1, "cc")]
    assert grown(heads, signed) == [Leaf("C-3", 1, "cc")]
    assert grown([Leaf("C-1", 5, "dd")], signed) == [Leaf("C-1", 5, "dd")]


def test_a_file_of_the_folder_is_never_overwritten(keys: tuple[Path, Path], tmp_path: Path) -> None:
    signed = RootSigner.load(keys[0]).sign(ROOT)
    file = RootFile(root=signed, leaves=LEAVES)
    folder = tmp_path / "roots"
    folder.mkdir()
    put_root(folder, file)
    put_root(folder, RootFile(root=signed.model_copy(update={"complaints": 7}), leaves=[]))
    assert dict(read_folder(folder)) == {"root-2026-11-28.json": file}
    assert [path.name for path in folder.iterdir()] == ["root-2026-11-28.json"]
    (folder / "root-2026-11-29.json").write_text("{}")
    assert list(read_folder(folder))[-1] == ("root-2026-11-29.json", None)
