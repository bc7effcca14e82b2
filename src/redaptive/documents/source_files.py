"""Opening an input file safely: limits before parsing, bounded archives, what the bytes really are."""

from __future__ import annotations

import gzip
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol

from redaptive.errors import Exhausted, InvalidInput, NotFound

MIB = 1024 * 1024
CHUNK = 1 * MIB


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


_MAGIC = {
    b"PAR1": "parquet",
    b"\x1f\x8b": "gz",
    b"PK\x03\x04": "zip",
    b"%PDF": "pdf",
    b"\xd0\xcf\x11\xe0": "xls",
    b"SQLite format 3": "sqlite",
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpeg",
}


@dataclass(frozen=True)
class FileLimits:
    """Largest inputs. Tables stream, so they may be large; documents are held in memory, so they may not."""

    table_bytes: int = 16 * 1024 * MIB
    document_bytes: int = 512 * MIB
    expansion_ratio: int = 200
    ratio_free_bytes: int = 8 * MIB


LIMITS = FileLimits()


def kind_of(path: Path) -> str:
    """What the content is: csv, parquet, xml, xlsx, gz, zip, or another known kind; `empty` when there is nothing."""
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise InvalidInput(
            f"The file cannot be opened: {error.strerror}.", field=str(path), fix="Check the path and its permissions."
        ) from error
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        return "empty"
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return "xlsx" if kind == "zip" and _is_workbook(path) else kind
    return _text_kind(head)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _text_kind(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"
    if b"\x00" in head:
        return "binary"
    return "xml" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else "csv"


@contextmanager
def opened(path: Path, accept: tuple[str, ...], limits: FileLimits = LIMITS) -> Iterator[tuple[Path, str]]:
    """The file to parse and its kind, expanded from gz or zip when needed; checked against the limits.

    Raises InvalidInput when the content is none of `accept`, Exhausted above a limit.
    """
    folder = Path(mkdtemp(prefix="redaptive-import-"))
    try:
        inner, kind = path, kind_of(path)
        if kind in ("gz", "zip"):
            inner = folder / "expanded"
            _expand(path, kind, inner, limits)
            kind = kind_of(inner)
        _check(path, inner, kind, accept, limits)
        yield inner, kind
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check(path: Path, inner: Path, kind: str, accept: tuple[str, ...], limits: FileLimits) -> None:
    if kind == "empty":
        raise InvalidInput("The file is empty.", field=path.name, fix="Export it again and check its size.")
    if kind not in accept:
        raise InvalidInput(
            f"The content is {kind}, which cannot be imported here.",
            field=path.name,
            fix=f"Give a file of {', '.join(accept)} (also packed as .gz or .zip).",
        )
    size, limit = inner.stat().st_size, limits.document_bytes if kind in ("xml", "xlsx") else limits.table_bytes
    if size > limit:
        raise Exhausted(
            f"The file has {size / MIB:,.0f} MiB; at most {limit / MIB:,.0f} MiB of {kind} are read.",
            field=path.name,
            fix="Split it by meter or by year and import the parts.",
        )
    if kind == "xlsx":
        _check_workbook(path, inner, limits)


def _check_workbook(path: Path, inner: Path, limits: FileLimits) -> None:
    with zipfile.ZipFile(inner) as archive:
        expanded = sum(entry.file_size for entry in archive.infolist())
    if expanded > limits.document_bytes or _too_dense(expanded, inner.stat().st_size, limits):
        raise _bomb(path)


def _too_dense(expanded: int, packed: int, limits: FileLimits) -> bool:
    return expanded > limits.ratio_free_bytes and expanded > limits.expansion_ratio * max(packed, 1)


def _bomb(path: Path) -> Exhausted:
    return Exhausted(
        "The archive expands beyond the limits of size or ratio and was not read.",
        field=path.name,
        fix="Unpack it yourself and import the files inside.",
    )


def _expand(path: Path, kind: str, target: Path, limits: FileLimits) -> None:
    """Unpack one member, counting bytes while writing: the sizes an archive claims are not believed."""
    try:
        if kind == "gz":
            with gzip.open(path) as stream:
                _copy(stream, path, target, limits)
            return
        with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive, path)) as member:
            _copy(member, path, target, limits)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise InvalidInput(
            f"The {kind} archive is damaged, incomplete or locked: {error}.", field=path.name, fix="Pack it again."
        ) from error


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX")]
    if len(members) != 1:
        raise InvalidInput(
            f"The zip archive holds {len(members)} files; exactly one is expected.",
            field=path.name,
            fix="Unpack it and give the files one by one.",
        )
    return members[0]


def _copy(stream: _Readable, path: Path, target: Path, limits: FileLimits) -> None:
    packed, written = path.stat().st_size, 0
    with target.open("wb") as out:
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            if written > limits.table_bytes or _too_dense(written, packed, limits):
                raise _bomb(path)
            out.write(chunk)


def existing_file(path: Path) -> Path:
    """The path, if it is a file that can be read; raises NotFound or InvalidInput otherwise."""
    if not path.exists():
        near = [p.name for p in sorted(path.parent.glob(f"[!.]*{path.suffix}"))[:5]]
        raise NotFound(
            f"There is no file {path}.", field=str(path), fix=f"In that folder: {', '.join(near)}." if near else None
        )
    if not path.is_file():
        raise InvalidInput(f"{path} is no file.", field=str(path), fix="Name the files one by one, or use a pattern.")
    return path


def existing_files(paths: Sequence[Path]) -> list[Path]:
    """All paths, checked before the first is imported."""
    return [existing_file(path) for path in paths]
