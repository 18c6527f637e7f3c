"""The worker of a local stack knows where its mail is kept, so that an erasure removes that."""

from pathlib import Path

from local.servers.channels import channels
from local.servers.worker import worker


def test_the_worker_knows_the_folder_of_the_mail(tmp_path: Path) -> None:
    leaves_by = channels("smtp://localhost", tmp_path / "post", tmp_path / "mail")
    role = worker(tmp_path, temporal_address="localhost:1", database_url="postgresql://", keys={}, channels=leaves_by)
    assert role.env["COMPLAINTS_LOCAL_MAIL"] == str(tmp_path / "mail")
