"""Whom a server runs as, and the folders which are made for it.

PostgreSQL refuses to run as root. So root starts it as an account without privileges, which may not be able to enter
the folder of the project (a home directory is often closed). Nothing that is not ours is opened for it: what it needs
goes to a folder of its own instead.
"""

import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

HOUSE = Path("/var/lib/complaints")
"""Made by root, for what the unprivileged account must reach and cannot reach in the project's folder."""


@dataclass(frozen=True)
class Account:
    """A user of this machine, by number of user and group."""

    uid: int
    gid: int


def unprivileged() -> Account | None:
    """The account for servers which refuse root: `nobody` when we are root, otherwise None (as ourselves)."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def private_folder(path: Path, account: Account | None) -> Path:
    """A folder which belongs to `account` alone, reached at `path`; made if it is not there. Returns its real path.

    If the account cannot come to `path`, the folder is made in `HOUSE`, and `path` is a link to it.
    """
    if path.exists():
        return path.resolve()
    path.unlink(missing_ok=True)  # a link to a folder which somebody has removed
    if account is None:
        path.mkdir(mode=0o700)
        return path.resolve()
    if _open_to_all(path.parent.resolve()):
        path.mkdir(mode=0o700)
    else:
        path.symlink_to(tempfile.mkdtemp(prefix=f"{path.name}-", dir=_house()))
    os.chown(path, account.uid, account.gid)
    return path.resolve()


def remove_folder(folder: Path) -> None:
    """Remove `folder`, together with what `private_folder` made elsewhere for it."""
    for path in folder.iterdir():
        if path.is_symlink() and path.resolve().parent == HOUSE:
            shutil.rmtree(path.resolve())
    shutil.rmtree(folder)


def readable_copy(sources: list[Path], name: str) -> Path:
    """Copies of `sources` side by side in the folder `name` of `HOUSE`, readable by all; made once, then only found."""
    target = _house() / name
    if target.exists():
        return target
    growing = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=_house()))
    for source in sources:
        shutil.copytree(source, growing / source.name, symlinks=True)
    for path in (growing, *growing.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
    try:
        growing.rename(target)
    except OSError:  # somebody else was quicker: theirs is the same
        shutil.rmtree(growing)
    return target


def _house() -> Path:
    if not HOUSE.exists():
        HOUSE.mkdir(parents=True, exist_ok=True)
        HOUSE.chmod(0o755)
    return HOUSE


def _open_to_all(folder: Path) -> bool:
    return all(one.stat().st_mode & stat.S_IXOTH for one in (folder, *folder.parents))
