"""The system user that PostgreSQL runs as, and the folders that this user can reach.

PostgreSQL refuses to run as root. When we are root it runs as `Settings.db_os_user`, and every folder above its
data must be traversable by that user. Where the home folder is not (/root is closed to others), the data goes to a
folder of its own below /var/lib, and a note in the home folder says where.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from redaptive.errors import InvalidInput, Unavailable

FALLBACK_ROOT = Path("/var/lib")


@dataclass(frozen=True)
class Account:
    """A system user other than ourselves."""

    name: str
    uid: int
    gid: int


def database_account(db_os_user: str) -> Account | None:
    """The user to switch to: None unless we are root; raises InvalidInput if there is no such user, or it is root."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(db_os_user)
    except KeyError:
        raise InvalidInput(
            f"There is no system user {db_os_user!r} to run PostgreSQL as.",
            field="REDAPTIVE_DB_OS_USER",
            fix="Name an existing ordinary user, or run as an ordinary user.",
        ) from None
    if entry.pw_uid == 0:
        raise InvalidInput(
            f"PostgreSQL refuses to run as root, and {db_os_user!r} is root.",
            field="REDAPTIVE_DB_OS_USER",
            fix="Name an ordinary user such as nobody.",
        )
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def may(account: Account, path: Path, owner_bits: int) -> bool:
    """Whether `account` has all of `owner_bits` (S_IRUSR, S_IXUSR) on `path`, by its mode bits."""
    info = path.stat()
    if info.st_uid == account.uid:
        wanted = owner_bits
    elif info.st_gid == account.gid:
        wanted = owner_bits >> 3
    else:
        wanted = owner_bits >> 6
    return info.st_mode & wanted == wanted


def first_closed(path: Path, account: Account) -> Path | None:
    """The first existing folder from the root down to `path` that `account` cannot traverse; None if all are open."""
    resolved = path.resolve()
    for folder in [*reversed(resolved.parents), resolved]:
        if folder.is_dir() and not may(account, folder, stat.S_IXUSR):
            return folder
    return None


def database_folder(home: Path, account: Account | None, fallback_root: Path = FALLBACK_ROOT) -> Path:
    """The folder that holds the PostgreSQL data of `home`; creates nothing.

    Raises Unavailable, naming the closed folder, when existing data or every candidate is out of reach.
    """
    own = home.resolve() / "services" / "database"
    note = location_note(home)
    if note.exists():
        own = Path(note.read_text(encoding="utf-8").strip())
    if account is None:
        return own
    closed = first_closed(own, account)
    if closed is None:
        return own
    if note.exists() or (own / "data").exists():
        raise _unreachable(closed, own, account)
    # Named after the home folder, so that two homes never share data.
    other = fallback_root.resolve() / f"redaptive-{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]}"
    if not fallback_root.is_dir() or first_closed(other, account) is not None:
        raise _unreachable(closed, own, account)
    return other


def location_note(home: Path) -> Path:
    """The file in the home folder that names the data folder when it lies elsewhere."""
    return home / "services" / "database.location"


def _unreachable(closed: Path, folder: Path, account: Account) -> Unavailable:
    return Unavailable(
        f"PostgreSQL cannot run as root; the user {account.name!r} cannot traverse {closed} to reach {folder}.",
        field="REDAPTIVE_HOME",
        fix=f"Set REDAPTIVE_HOME to a folder that {account.name!r} can traverse, such as /srv/redaptive, "
        f"or run: chmod o+x {closed}",
    )


def check_owner(folder: Path, account: Account | None) -> None:
    """Raise Unavailable if existing data belongs to another user than the one PostgreSQL would run as."""
    owner, runner = folder.stat().st_uid, account.uid if account else os.geteuid()
    if owner == runner:
        return
    raise Unavailable(
        f"The PostgreSQL data in {folder} belongs to {user_name(owner)!r}, but would be used by {user_name(runner)!r}.",
        field="REDAPTIVE_DB_OS_USER",
        fix=f"Run as {user_name(owner)!r}, or as root with REDAPTIVE_DB_OS_USER={user_name(owner)}, "
        f"or set another REDAPTIVE_HOME.",
    )


def user_name(uid: int) -> str:
    """The name of a system user, or its number where it has no name (as in some containers)."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
