"""Files that are to be written: that they can be, that they are none of the inputs, and writing them whole."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile

from redaptive.errors import InvalidInput


def require_targets(targets: Mapping[str, Path | None], inputs: Mapping[str, Path | None]) -> None:
    """Nothing, or InvalidInput for a target that cannot be written, or is an input or another target.

    Both by the name of their option; None where it was not given. Links are followed. Writes nothing.
    """
    given = {name: path for name, path in targets.items() if path is not None}
    for name, path in given.items():
        try:
            _require_writable(name, path)
        except OSError as error:
            why = f"{path} cannot be written: {error.strerror}."
            raise InvalidInput(why, field=name, fix="Name a file in a folder that can be written.") from error
    taken = {name: path for name, path in inputs.items() if path is not None}
    for name, path in given.items():
        for other, used in taken.items():
            if same_file(path, used):
                raise InvalidInput(f"{other} and {name} are the same file, {path}: it would be lost.", field=name,
                                   fix="Name another file.")  # fmt: skip
        taken[name] = path


def require_folder(folder: Path, names: Collection[str], inputs: Mapping[str, Path | None]) -> None:
    """Nothing, or InvalidInput where one of the files that a report writes into its folder is an input."""
    for option, path in inputs.items():
        for target in (folder / name for name in names):
            if path is not None and same_file(target, path):
                raise InvalidInput(f"{option} and a file of the report are the same file, {target}: it would be lost.",
                                   field="--out", fix="Name another folder.")  # fmt: skip


def same_file(one: Path, two: Path) -> bool:
    """Whether two paths are one file, by their names, by links or, where both exist, on the disk."""
    if one.resolve() == two.resolve():
        return True
    return one.exists() and two.exists() and os.path.samefile(one, two)


def free_name(wanted: Path, taken: Collection[Path]) -> Path:
    """The path, or one with a number where it is one of those taken.

    >>> free_name(Path("a.rejected.csv"), [Path("a.rejected.csv")]).name
    'a.rejected-2.csv'
    """
    names = (wanted, *(wanted.with_name(f"{wanted.stem}-{n}{wanted.suffix}") for n in range(2, 2 + len(taken))))
    return next(path for path in names if not any(same_file(path, one) for one in taken))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file to write, which takes the place of `path` once it is whole; folders are made.

    Until then what is there can be read, and it stays where writing fails.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        yield target  # a device or a pipe
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = _beside(target)
    try:
        yield part
        os.replace(part, target)
    except OSError as error:
        why = f"{path} cannot be written: {error.strerror or error}."
        raise InvalidInput(why, field=str(path), fix="Look for room on the disk and at the rights.") from error
    finally:
        part.unlink(missing_ok=True)


def _beside(target: Path) -> Path:
    """A new empty file in the folder of a target, with its rights where it is there."""
    with NamedTemporaryFile(dir=target.parent, prefix=".redaptive-", suffix=".part", delete=False) as made:
        part = Path(made.name)
    part.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
    return part


def _umask() -> int:
    """The rights that new files lack; there is no way to read it but to set it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _require_writable(name: str, path: Path) -> None:
    """Nothing; raises InvalidInput for a folder and below a file, OSError where the system refuses."""
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder.", field=name, fix="Name a file in it.")
    if path.is_file():
        with path.open("ab"):
            return
    folder = next(one for one in path.absolute().parents if one.exists())
    if not folder.is_dir():
        raise InvalidInput(f"{folder} is a file, not a folder.", field=name, fix="Name a folder, or another file.")
    with TemporaryFile(dir=folder):
        return
