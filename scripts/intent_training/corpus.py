"""The training utterances: one file for each intent, one utterance a line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from redaptive.orchestration.intelligent.matchers.model_card import OUT_OF_SCOPE

UTTERANCES = Path(__file__).parents[2] / "src" / "redaptive" / "reference" / "language" / "utterances"


@dataclass(frozen=True)
class Corpus:
    """Texts with the number of their label, and the name of the file that each came from."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    of: NDArray[np.int64]
    sources: tuple[str, ...]
    sha256: str

    @property
    def kinds(self) -> NDArray[np.str_]:
        """The sources without their topics: `out_of_scope_near.leases` is of the kind `out_of_scope_near`."""
        return np.array([_kind(source) for source in self.sources])

    @property
    def in_topics(self) -> NDArray[np.bool_]:
        """Which utterances are of a topic that is held out as a whole."""
        return np.array([_kind(source) != source for source in self.sources])

    @property
    def out_of_scope(self) -> int:
        """The number of the label of what we do not do."""
        return self.labels.index(OUT_OF_SCOPE)


def read_corpus(folder: Path = UTTERANCES) -> Corpus:
    """All utterances; `out_of_scope_general`, `out_of_scope_near` and its topics share a label.

    Raises SystemExit for doubles.
    """
    files = sorted(folder.glob("*.txt"))
    rows = [(line, path.stem) for path in files for line in lines(path)]
    labels = tuple(sorted({_label(source) for _, source in rows}))
    of = np.array([labels.index(_label(source)) for _, source in rows], dtype=np.int64)
    _refuse_doubles(rows)
    return Corpus(tuple(t for t, _ in rows), labels, of, tuple(s for _, s in rows), data_hash(folder))


def data_hash(folder: Path = UTTERANCES) -> str:
    """A hash of file names and utterances; comments and empty lines do not count."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.txt")):
        digest.update("\n".join([path.stem, *lines(path), ""]).encode())
    return digest.hexdigest()


def folds(corpus: Corpus, count: int, seed: int) -> NDArray[np.int64]:
    """The fold of each utterance; every source file is spread evenly over all folds, but a topic stays whole.

    A stranger asks of things that no sentence of ours named: so no sentence of a held-out topic may be trained on.
    """
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(corpus.texts), dtype=np.int64)
    sources = np.array(corpus.sources)
    topics = sorted({source for source in corpus.sources if _kind(source) != source})
    for place, topic in enumerate(topics):
        fold[sources == topic] = place % count
    for source in sorted(set(corpus.sources).difference(topics)):
        places = rng.permutation(np.flatnonzero(sources == source))
        fold[places] = np.arange(len(places)) % count
    return fold


def lines(path: Path) -> Iterator[str]:
    """The sentences of a file, one a line, without comments and empty lines."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def _kind(source: str) -> str:
    """The source without its topic, which only files of what is out of scope have."""
    return source.partition(".")[0] if source.startswith(OUT_OF_SCOPE) else source


def _label(source: str) -> str:
    return OUT_OF_SCOPE if source.startswith(OUT_OF_SCOPE) else source


def _refuse_doubles(rows: list[tuple[str, str]]) -> None:
    seen: dict[str, str] = {}
    for text, source in rows:
        first = seen.setdefault(" ".join(text.lower().split()), source)
        if _label(first) != _label(source):
            raise SystemExit(f"{text!r} is in {first}.txt and in {source}.txt; an utterance has one intent.")
