"""Trains the policy model on the refused and the honest sentences of the repository and writes the packaged artifact.

The sentences are those of `reference/language/refusals` and of outsiders (`intent_training/outsiders.py`).

    python scripts/train_refusals.py            train, measure on held-out sentences, write the artifact
    python scripts/train_refusals.py --heads    fit the words and the linear head again; the encoder stays as it is
    python scripts/train_refusals.py --marks    set the thresholds again, by scores of outsiders' sentences
    python scripts/train_refusals.py --vague    only fit again what tells vague requests from strange ones
    python scripts/train_refusals.py --check    say whether the artifact was trained on the present sentences

A linear support vector machine for each label (Fan et al. 2008, LIBLINEAR) over the weights of `matchers/tfidf.py`,
and the sentence encoder with a low-rank change of its upper layers (`intent_training/low_rank.py`) and a linear head.
Thresholds are quantiles of the scores that honest sentences of outsiders have in models that never saw their author,
neither the layers nor the words nor the head (`intent_training/upper.py`): few may be refused, some more instead of a
question, some more may have their effects gated. Layers trained without an author are kept in `--apart` and trained
again where that file is of another training. Needs the extra `embeddings`; takes a quarter of an hour of a core,
`--heads` five minutes. The same data and library versions give the same model.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: small products are slower on several

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

sys.path.insert(0, str(Path(__file__).parent))

from intent_training.corpus import UTTERANCES, data_hash, lines
from intent_training.lexical import packed_terms, signed_bytes, text_bytes, vectoriser
from intent_training.low_rank import Parameters, Recipe, Worth
from intent_training.outsiders import APART, HARD, outsiders_hash, read_outsiders
from intent_training.upper import Upper, read_layers, write_layers

from redaptive.orchestration.intelligent.matchers.encoder import Vector, packaged_encoder
from redaptive.orchestration.intelligent.matchers.model_card import Mode
from redaptive.orchestration.intelligent.matchers.tfidf import TfIdf
from redaptive.orchestration.intelligent.planners.clauses.one_way import in_one_way
from redaptive.orchestration.intelligent.planners.refusals.policy_model import (
    ARRAYS,
    CARD,
    LABELS,
    Label,
    Marks,
    PolicyCard,
    Vague,
    VagueMark,
    joined,
    load_policy,
    masked,
    told,
    words_of,
)

REFUSALS = UTTERANCES.parent / "refusals"
KEPT = Path(__file__).parents[1] / "build" / "refusals-apart.npz"
INVERSE_PENALTY, HEAD_PENALTY, SEED = 1.0, 3.0, 7
LOWER_LAYERS = 4
RECIPE = Recipe(epochs=3)
PLAIN_CHANCE = 0.35
"""How likely an utterance of an intent is in an epoch: there are many, and most are far from all that is refused."""
WORDS_WEIGHT = {"honest": 1, "alike": 3, "refused": 2, "outsider": 2}
MEANING_WEIGHT = {"honest": 1, "alike": 2, "refused": 1, "outsider": 2}
"""How often a sentence counts: honest ones that look like refused ones teach more than utterances, refused ones of
outsiders more than our own."""
HELD_OUT = 7
"""One of so many sentences is never trained on."""
HONEST: dict[Mode, dict[Label, tuple[float, float, float]]] = {
    "lexical": {"unsafe": (0.003, 0.006, 0.015), "infeasible": (0.004, 0.006, 0.016)},
    "hybrid": {"unsafe": (0.001, 0.003, 0.012), "infeasible": (0.001, 0.006, 0.016)},
}
"""Shares of outsiders' honest sentences that may be refused, refused where no intent fits, and gated.

Two of five of these only look like refused ones or leave something out; of plain planning tasks a third as many are
above. Our own held-out sentences are no measure: most are look-alikes that were written to be hard. Where the meaning
is known, fewer do: it catches nearly all unsafe ones at such levels.
"""
ALIKE = "allowed"
OURS = ""
FIGURES = re.compile(
    r"\b0\b|isodate|\b(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\bmay\b(?! be)", re.IGNORECASE
)
"""Where a figure or a day makes it impossible, the words tell nothing: masked, they are those of an honest sentence."""
STRANGE_ASKED = 0.01
"""Share of held-out utterances of no intent that may be asked about as if they were vague requests of ours."""
LEAST_VAGUE, LEAST_USES = -0.5, 3
VAGUE = REFUSALS / "allowed.vague.txt"
Rows = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Sentences:
    """Texts, the label of each (0: honest), its kind (a key of `WORDS_WEIGHT`), its author if that is an outsider,
    and whether it is held out.
    """

    texts: tuple[str, ...]
    of: NDArray[np.int64]
    kinds: tuple[str, ...]
    authors: NDArray[np.str_]
    held: NDArray[np.bool_]

    def worth(self) -> Worth:
        """How much each counts for the layers, and how likely it is in an epoch."""
        weights = np.array([MEANING_WEIGHT[kind] for kind in self.kinds], dtype=np.float64)
        return Worth(weights, np.array([PLAIN_CHANCE if kind == "honest" else 1.0 for kind in self.kinds]))


@dataclass(frozen=True)
class Words:
    """The hyperplanes of words and letters, with their vectoriser."""

    union: FeatureUnion
    machine: LinearSVC

    def scores(self, texts: Sequence[str]) -> Scores:
        """(n, labels)."""
        return np.asarray(self.machine.decision_function(self.union.transform([masked(text) for text in texts]))[:, 1:])


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare the artifact with the sentences")
    parser.add_argument("--heads", action="store_true", help="fit words and head again, keep the encoder's layers")
    parser.add_argument("--marks", action="store_true", help="only set the thresholds again")
    parser.add_argument("--vague", action="store_true", help="only fit again what tells vague from strange requests")
    parser.add_argument("--model", type=Path, default=REFUSALS, help="folder of the artifact")
    parser.add_argument("--apart", type=Path, default=KEPT, help="file of the layers without some authors")
    options = parser.parse_args(arguments)
    if options.check:
        return check(options.model)
    if options.vague:
        return add_vague(options.model)
    sentences = read_sentences()
    upper, run = prepared(sentences), Run(options.model, options.apart)
    if options.marks:
        return mark(run, sentences, upper)
    return fit_heads(run, sentences, upper) if options.heads else train(run, sentences, upper)


def check(folder: Path) -> int:
    """0 when the artifact in `folder` belongs to the refusals of the repository, else 1 and what to do."""
    card = read_card(folder)
    if card.data_sha256 == sentences_hash():
        print(f"{card.version} belongs to the {sum(card.sentences.values())} sentences of the repository.")
        return 0
    print(f"{card.version} was trained on other sentences: run python scripts/train_refusals.py.", file=sys.stderr)
    return 1


@dataclass(frozen=True)
class Run:
    """The folder of the artifact and the file of the layers that were trained without some authors."""

    folder: Path
    apart: Path


def prepared(sentences: Sentences) -> Upper:
    """The sentences as the lower layers leave them."""
    encoder = packaged_encoder()
    if encoder is None:
        raise SystemExit("Install the extra `embeddings` first.")
    hidden = encoder.hidden([told(text) for text in sentences.texts], LOWER_LAYERS)
    return Upper(encoder, LOWER_LAYERS, hidden, sentences.of, sentences.worth(), RECIPE, SEED)


def train(run: Run, sentences: Sentences, upper: Upper) -> int:
    """The layers, and on them words, head and thresholds; writes the artifact and prints its figures."""
    layers = upper.trained(np.flatnonzero(~sentences.held))
    return write_heads(run, sentences, upper, layers, sentences_hash())


def fit_heads(run: Run, sentences: Sentences, upper: Upper) -> int:
    """The words' model and the head over the layers of the artifact: a third of the time of training."""
    return write_heads(run, sentences, upper, read_artifact_layers(run.folder), read_card(run.folder).layers_sha256)


def write_heads(run: Run, sentences: Sentences, upper: Upper, layers: Parameters, trained_on: str) -> int:
    """Fits words and head over `layers`, writes the artifact and sets its thresholds."""
    vectors = upper.vectors(layers)
    words, head = fit_words(sentences), fit_head(sentences, vectors)
    scores = _both(sentences, vectors, sentences.held, words, head)
    write_artifact(run.folder, _card(sentences, scores, trained_on), words, {**layers, **head})
    add_vague(run.folder)
    return mark(run, sentences, upper)


def read_artifact_layers(folder: Path) -> Parameters:
    """The changes of the upper layers in the artifact in `folder`."""
    with np.load(folder / ARRAYS, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files if name.endswith((".a", ".b"))}


def read_card(folder: Path) -> PolicyCard:
    """The card of the artifact in `folder`."""
    return PolicyCard.model_validate_json((folder / CARD).read_bytes())


def fit_head(sentences: Sentences, vectors: Vector) -> Parameters:
    """The head over the vectors of all sentences, fitted to those that are not held out."""
    rows = np.flatnonzero(~sentences.held)
    weights = [MEANING_WEIGHT[sentences.kinds[row]] for row in rows]
    fitted = LogisticRegression(C=HEAD_PENALTY, max_iter=300).fit(vectors[rows], sentences.of[rows], weights)
    return {"head": fitted.coef_.T.astype(np.float32), "bias": fitted.intercept_.astype(np.float32)}


def _odds(vectors: Vector, head: Parameters) -> Scores:
    """Logarithms of odds against honest, (n, labels)."""
    logits = (vectors @ head["head"] + head["bias"]).astype(np.float64)
    return logits[:, 1:] - logits[:, :1]


def _texts(sentences: Sentences, chosen: NDArray[np.bool_]) -> list[str]:
    return [sentences.texts[row] for row in np.flatnonzero(chosen)]


def mark(run: Run, sentences: Sentences, upper: Upper) -> int:
    """Sets the thresholds of both modes by outsiders' honest sentences, and prints the card."""
    marks = {}
    theirs, strangers = stranger_scores(sentences, upper, layers_apart(run, sentences, upper))
    of, texts = sentences.of[sentences.held], _texts(sentences, sentences.held)
    for each in (load_policy(run.folder), load_policy(run.folder, packaged_encoder())):
        found = each.scores(texts)
        marks[each.mode] = {
            label: _marks(each.mode, label, (strangers[each.mode][:, i], theirs), (found[:, i], of))
            for i, label in enumerate(LABELS)
        }
    card = read_card(run.folder).model_copy(update={"marks": marks})
    _write_card(run.folder, card)
    print(json.dumps(card.model_dump(), indent=2))
    return 0


def layers_apart(run: Run, sentences: Sentences, upper: Upper) -> list[Parameters]:
    """The layers that saw nobody of each group of authors, kept or trained now."""
    version = read_card(run.folder).layers_sha256
    kept = read_layers(run.apart, version, len(APART))
    if kept is None:
        kept = [upper.trained(np.flatnonzero(~without(sentences, group).held)) for group in APART]
        write_layers(run.apart, version, kept)
    return kept


def without(sentences: Sentences, authors: Sequence[str]) -> Sentences:
    """The same with all of some authors held out."""
    return replace(sentences, held=sentences.held | np.isin(sentences.authors, authors))


def stranger_scores(
    sentences: Sentences, upper: Upper, layers: Sequence[Parameters]
) -> tuple[NDArray[np.int64], dict[Mode, Scores]]:
    """The labels of the sentences of `APART`, and by mode their scores, (n, labels), without their group of authors.

    Sentences of `HARD` are left out.
    """
    found: dict[Mode, list[Scores]] = {"lexical": [], "hybrid": []}
    theirs = []
    own = sentences.held & (sentences.of == 0)
    for group, trained in zip(APART, layers, strict=True):
        away = np.isin(sentences.authors, group) & ~np.isin(sentences.authors, HARD)
        part, vectors = without(sentences, group), upper.vectors(trained)
        words, head = fit_words(part), fit_head(part, vectors)
        honest = _both(sentences, vectors, own, words, head)
        mean, spread = honest.mean(axis=0), honest.std(axis=0)
        parts = _both(sentences, vectors, away, words, head)
        theirs.append(sentences.of[away])
        for mode, n in (("lexical", 1), ("hybrid", 2)):
            found[mode].append(joined(parts[..., :n], mean, spread))
    return np.concatenate(theirs), {mode: np.concatenate(scores) for mode, scores in found.items()}


def _both(sentences: Sentences, vectors: Vector, rows: NDArray[np.bool_], words: Words, head: Parameters) -> Scores:
    """Scores of words and of meaning, (rows, labels, 2)."""
    return np.stack([words.scores(_texts(sentences, rows)), _odds(vectors[rows], head)], axis=-1)


def add_vague(folder: Path) -> int:
    """Adds to the artifact what tells requests that leave something out from those that are none of ours."""
    with np.load(folder / ARRAYS, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files if not name.startswith("vague.")}
    ours = known_words()
    arrays["vague.known"] = text_bytes(sorted(ours))
    terms, (texts, of, held) = TfIdf.stored(arrays), _vague_and_strange()
    features = _features(terms, texts)
    machine = LinearSVC(C=INVERSE_PENALTY, random_state=0).fit(features[~held], of[~held])
    arrays["vague.weights"], arrays["vague.scale"] = signed_bytes(machine.coef_)
    arrays["vague.bias"] = machine.intercept_.astype(np.float32)
    np.savez_compressed(folder / ARRAYS, allow_pickle=False, **arrays)
    told_apart = Vague(ours, np.ravel(machine.coef_).astype(np.float32), float(machine.intercept_[0]))
    scores = machine.decision_function(features)
    known = np.array([told_apart.fits(text, terms.weigh(masked(text)), -np.inf) for text in texts])
    level = round(float(np.quantile(np.where(known, scores, -np.inf)[held & (of == 0)], 1 - STRANGE_ASKED)), 4)
    level = max(level, LEAST_VAGUE)
    shares = [round(float((known & (scores > level))[held & (of == label)].mean()), 4) for label in (1, 0)]
    vague = VagueMark(above=level, vague=shares[0], out_of_scope=shares[1])
    _write_card(folder, read_card(folder).model_copy(update={"vague": vague}))
    print(json.dumps(vague.model_dump()))
    return 0


def known_words() -> frozenset[str]:
    """Words of the intents' utterances that strange requests do not use more often, and words of vague requests."""
    ours = _uses("[!o]*.txt")
    strange = _uses("out_of_scope_general.txt") + _uses("out_of_scope_near.txt")  # near topics share our words
    total, others = ours.total(), max(1, strange.total())
    own = {word for word, n in ours.items() if n >= LEAST_USES and n / total >= strange[word] / others}
    vague = Counter(word for text in lines(VAGUE) for word in set(words_of(text)))
    return frozenset(own | {word for word, n in vague.items() if n > 1 or ours[word] > 1})


def _uses(pattern: str) -> Counter[str]:
    return Counter(
        word for path in sorted(UTTERANCES.glob(pattern)) for text in lines(path) for word in set(words_of(text))
    )


def _vague_and_strange() -> tuple[list[str], Rows, NDArray[np.bool_]]:
    """Vague requests (1) and utterances of no intent (0), and which of them are held out."""
    vague = list(lines(VAGUE))
    strange = [text for path in sorted(UTTERANCES.glob("out_of_scope*.txt")) for text in lines(path)]
    places = np.concatenate([np.arange(len(vague)), np.arange(len(strange))])
    of = np.repeat(np.array([1, 0], dtype=np.int64), [len(vague), len(strange)])
    return vague + strange, of, places % HELD_OUT == HELD_OUT // 2


def _features(terms: TfIdf, texts: Sequence[str]) -> csr_matrix:
    found = [terms.weigh(masked(text)) for text in texts]
    ends = np.concatenate([[0], np.cumsum([len(each.columns) for each in found])])
    weights, columns = (np.concatenate(parts) for parts in zip(*((f.weights, f.columns) for f in found), strict=True))
    return csr_matrix(
        (weights, columns, ends), shape=(len(texts), len(terms.words.columns) + len(terms.letters.columns))
    )


def read_sentences() -> Sentences:
    """What is refused, what only looks like it, and of the utterances of all intents every second one and some more."""
    rows = [(text, path.stem, n) for path in sorted(REFUSALS.glob("*.txt")) for n, text in enumerate(lines(path))]
    honest = [path for path in sorted(UTTERANCES.glob("*.txt")) if not path.stem.startswith("out_of_scope")]
    spoken = [(text, "intent", n) for path in honest for n, text in enumerate(lines(path)) if n % 2 == 0 or n % 6 == 1]
    names = [source.partition(".")[0] for _, source, _ in rows]
    of = [LABELS.index(name) + 1 if name in LABELS else 0 for name in names] + [0] * len(spoken)
    kinds = ["alike" if name == ALIKE else "refused" for name in names] + ["honest"] * len(spoken)
    held = [n % HELD_OUT == HELD_OUT // 2 for _, _, n in rows] + [n % 2 == 1 for _, _, n in spoken]
    texts = tuple(in_one_way(text) for text, _, _ in (*rows, *spoken))
    ours = np.full(len(texts), OURS)
    return with_outsiders(Sentences(texts, np.array(of, dtype=np.int64), tuple(kinds), ours, np.array(held)))


def with_outsiders(ours: Sentences) -> Sentences:
    """Ours and those of outsiders, of which none is held out from the packaged models."""
    theirs = read_outsiders()
    of = [("honest", *LABELS).index(each.cls) for each in theirs]
    kinds = ["outsider" if own else "alike" if each.alike else "honest" for each, own in zip(theirs, of, strict=True)]
    return Sentences(
        (*ours.texts, *(each.text for each in theirs)),
        np.concatenate([ours.of, np.array(of, dtype=np.int64)]),
        (*ours.kinds, *kinds),
        np.concatenate([ours.authors, [each.author for each in theirs]]),
        np.concatenate([ours.held, np.zeros(len(theirs), dtype=np.bool_)]),
    )


def sentences_hash() -> str:
    """A hash of all that is trained on but the utterances of the intents."""
    return hashlib.sha256(f"{data_hash(REFUSALS)} {outsiders_hash(read_outsiders())}".encode()).hexdigest()


def fit_words(sentences: Sentences) -> Words:
    """The words' model; sentences that only a figure or a day makes impossible are left out."""
    rows = [row for row in np.flatnonzero(~sentences.held) if not _of_figures(sentences, row)]
    union = vectoriser()
    features = csr_matrix(union.fit_transform([masked(sentences.texts[row]) for row in rows]))
    machine = LinearSVC(C=INVERSE_PENALTY, random_state=0)
    weights = [WORDS_WEIGHT[sentences.kinds[row]] for row in rows]
    return Words(union, machine.fit(features, sentences.of[rows], sample_weight=weights))


def _of_figures(sentences: Sentences, row: int) -> bool:
    infeasible = sentences.of[row] == LABELS.index("infeasible") + 1
    return bool(infeasible and FIGURES.search(masked(sentences.texts[row])))


def write_artifact(folder: Path, card: PolicyCard, words: Words, meaning: Parameters) -> None:
    """The card, and arrays: terms as text, weights as signed bytes with a scale. Nothing in it is executable."""
    weights, scale = signed_bytes(words.machine.coef_[1:])
    head, bias = meaning["head"], meaning["bias"]
    np.savez_compressed(
        folder / ARRAYS,
        allow_pickle=False,
        **packed_terms(words.union),
        weights=weights,
        scale=scale,
        bias=words.machine.intercept_[1:].astype(np.float32),
        head=head[:, 1:] - head[:, :1],
        **{"head.bias": bias[1:] - bias[0]},
        **{name: part.astype(np.float16) for name, part in meaning.items() if name.endswith((".a", ".b"))},
    )
    _write_card(folder, card)


def _write_card(folder: Path, card: PolicyCard) -> None:
    (folder / CARD).write_text(json.dumps(card.model_dump(), indent=2) + "\n", encoding="utf-8")


def _card(sentences: Sentences, scores: Scores, layers: str) -> PolicyCard:
    """The card without thresholds; `scores` are those of the held-out sentences, (n, labels, 2).

    `layers` is the hash of the sentences that the encoder's layers were trained on.
    """
    of = sentences.of[sentences.held]
    honest, sha = scores[of == 0], sentences_hash()
    means, spreads = honest.mean(axis=0).round(6), honest.std(axis=0).round(6)
    return PolicyCard(
        version=f"policy-{sha[:8]}",
        data_sha256=sha,
        layers_sha256=layers,
        lower_layers=LOWER_LAYERS,
        recipe=asdict(RECIPE) | {"plain_chance": PLAIN_CHANCE},
        sentences=_counts(sentences.of),
        held_out=_counts(of),
        means=dict(zip(LABELS, means.tolist(), strict=True)),
        spreads=dict(zip(LABELS, spreads.tolist(), strict=True)),
        marks={},
        vague=VagueMark(above=0.0, vague=0.0, out_of_scope=0.0),
    )


def _counts(of: NDArray[np.int64]) -> dict[str, int]:
    return {name: int((of == i).sum()) for i, name in enumerate(("honest", *LABELS))}


Judged = tuple[Scores, NDArray[np.int64]]
"""Scores of one label, and the labels of the sentences."""


def _marks(mode: Mode, label: Label, theirs: Judged, ours: Judged) -> Marks:
    levels = [round(float(np.quantile(theirs[0][theirs[1] == 0], 1 - share)), 4) for share in HONEST[mode][label]]
    own = LABELS.index(label) + 1
    shares = [
        tuple(round(float((scores[of == which] > level).mean()), 4) for level in levels)
        for scores, of in (ours, theirs)
        for which in (0, own)
    ]
    return Marks(refuse=levels[0], hesitate=levels[1], gate=levels[2], honest=shares[0], caught=shares[1],
                 honest_outsiders=shares[2], caught_outsiders=shares[3])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
