"""Small private files, written so that a reader sees the old or the new text and never a part."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from redaptive.errors import InvalidInput


def make_folders(home: Path) -> None:
    """The folders that the servers share; `services` may be traversed, what lies in it is closed."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name, mode in (("run", 0o700), ("log", 0o700), ("secrets", 0o700), ("services", 0o711)):
            (home / name).mkdir(exist_ok=True)
            (home / name).chmod(mode)
    except OSError as error:
        raise InvalidInput(
            f"Cannot write the folder {home}: {error.strerror}.",
            field="REDAPTIVE_HOME",
            fix="Set REDAPTIVE_HOME to a folder of your own.",
        ) from error


def write_private(path: Path, text: str, *, durable: bool = False) -> None:
    """Replace `path` by `text`, readable by its owner only; `durable` waits until it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # created with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def kept_private(path: Path, content: bytes) -> bytes:
    """What `path` holds, readable by its owner only; without the file it begins as `content`."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_bytes(content)
        try:
            # A link fails if the name exists, so of several processes starting at once exactly one's content counts.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()


def tail(path: Path, lines: int = 20) -> str:
    """The last `lines` lines of a log, or a remark that there is none."""
    if not path.exists():
        return f"(no log at {path})"
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 64 * 1024))
        text = file.read().decode("utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def rotate(path: Path, limit_bytes: int = 10_000_000) -> None:
    """Move a log beyond `limit_bytes` aside, replacing the one moved before; call while nobody writes."""
    if path.exists() and path.stat().st_size > limit_bytes:
        path.replace(path.with_suffix(".1.log"))


def folder_size_bytes(folder: Path) -> int:
    """Bytes of all files below `folder`; a file that vanishes meanwhile, or cannot be read, counts as nothing."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(root, name)).st_size
            except OSError:
                continue
    return total
