"""Accounts that servers run as, and folders made for them.

PostgreSQL refuses to run as root, so root starts it as an account without privileges. That account may
not be able to enter the project's folder, as home directories are often closed. We open nothing for it:
its files go to a folder of its own.
"""

import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

HOUSE = Path("/var/lib/complaints")
"""Folder, made by root, for files that the unprivileged account cannot reach elsewhere."""


@dataclass(frozen=True)
class Account:
    """A user of this machine, by the numbers of user and group."""

    uid: int
    gid: int


def unprivileged() -> Account | None:
    """Return the account for servers that refuse root: `nobody` when we are root, else None."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def private_folder(path: Path, account: Account | None) -> Path:
    """Make a folder that belongs to `account` alone; return its real path.

    If the account cannot reach `path`, the folder is made in `HOUSE`, and `path` is a link to it.
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
        path.symlink_to(tempfile.mkdtemp(prefix=f"{path.name}-", dir=shared_folder()))
    os.chown(path, account.uid, account.gid)
    return path.resolve()


def remove_folder(folder: Path) -> None:
    """Remove `folder`, and the folder in `HOUSE` that it may link to."""
    for path in folder.iterdir():
        if path.is_symlink() and path.resolve().parent == HOUSE:
            shutil.rmtree(path.resolve())
    shutil.rmtree(folder)


def readable_copy(sources: list[Path], name: str) -> Path:
    """Copy `sources` once into the folder `name` of `HOUSE`, readable by all; return the copies."""
    target = shared_folder() / name
    if target.exists():
        return target
    growing = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=shared_folder()))
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


def shared_folder() -> Path:
    """Return `HOUSE`; make it if need be."""
    if not HOUSE.exists():
        HOUSE.mkdir(parents=True, exist_ok=True)
        HOUSE.chmod(0o755)
    return HOUSE


def _open_to_all(folder: Path) -> bool:
    return all(one.stat().st_mode & stat.S_IXOTH for one in (folder, *folder.parents))
