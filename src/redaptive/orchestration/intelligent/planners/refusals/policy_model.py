"""How much a sentence sounds like one that must not be obeyed, or like one that nothing here can fulfil.

Two scores, `unsafe` and `infeasible`: a linear one over words and letters and, where the sentence encoder is
installed, one over its meaning: the encoder with a low-rank change of its upper layers and a linear head. Both are
added in units of their spread over honest sentences. Trained by `scripts/train_refusals.py` on the sentences of
`reference/language/refusals`, against honest ones that look like them and training utterances of the intents. They
catch wordings that no rule knows; the rules catch what cannot be weighed. Codes, dates, figures and addresses are
masked for the words; for the encoder figures and dates stay: "ten of zero" reads otherwise than "ten of ninety".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from redaptive.errors import Unavailable
from redaptive.orchestration.intelligent.matchers.encoder import Encoder, MiniLmEncoder, packaged_encoder
from redaptive.orchestration.intelligent.matchers.intent_model import LinearHead, changed_layers
from redaptive.orchestration.intelligent.matchers.model_card import Mode
from redaptive.orchestration.intelligent.matchers.tfidf import TermWeights, TfIdf, text_lines

Label = Literal["unsafe", "infeasible"]
Scores = NDArray[np.float64]
LABELS: Final[tuple[Label, ...]] = ("unsafe", "infeasible")
ARRAYS: Final = "policy.npz"
CARD: Final = "policy.json"
_CODES: Final = re.compile(
    r"(?P<name>(?<!\w)[\"'“‘]\w+(?:\s\w+){0,2}[\"'”’](?!\w))|"
    r"(?P<mail>[\w.+-]+@[\w.-]+)|(?P<web>https?://\S+)|(?P<date>\b\d{4}-\d\d(?:-\d\d)?(?:t[\d:]+z?)?\b)|"
    r"(?P<code>\b(?=[\w-]*\d)[a-z]{1,6}(?:-[a-z]{1,5})*-\d[\w-]*\b)|(?P<figure>\b\d[\d,.]*\b)",
    re.IGNORECASE,
)
_NAMES: Final = {"name": "aname", "mail": "mailaddr", "web": "weblink", "code": "acode"}
_MASKS: Final = {**_NAMES, "date": "isodate", "figure": "0"}
SHARES: Final = ((1.3, 1.0), (0.6, 1.0))
"""By label, how much the scores of the words and of the meaning count: the best of a few on authors left out."""


_WORD: Final = re.compile(r"[a-z][a-z']*")
_STOP: Final = re.compile(r"(?<=[.!?])\s+(?=\S)")
_TOLD: Final = re.compile(
    r"^\W*(?:(?:the|an?|our|my|we|i|it|they|he|she|there|somebody|someone|this|these|those)(?:['’]\w+)?\s|"
    r"(?:\w+['’]?\w*\s+){1,2}(?:is|are|was|were|has)\s+(?:in|on|an?|the|not|gone|over|full|nearly|almost)\b)(?!.*\b(?:you|please|just|let|make|so\s+that)\b)",
    re.IGNORECASE,
)
"""A sentence that tells of something and orders nothing."""
_POINTING: Final = re.compile(
    r"\b(?:it|its|that|this|those|these|them|they|there|here|ones?|things?|same|stuff|someone|somebody)\b",
    re.IGNORECASE,
)
_SOME_THING: Final = re.compile(
    r"\bthe\s+(?:(?:big|old|new|noisy|large|small|little|broken|loud|rusty|ancient|other|main|same)\s+\w+|"
    r"(?:machine|box|beast|unit|thing|device|place|building|site|gear|kit|equipment)\b)",
    re.IGNORECASE,
)
HANDICAP: Final = 2.0
"""How much a sentence alone must sound worse than its text may, to count instead of it."""
LEAST_WORDS: Final = 5
MOST_VAGUE_WORDS: Final = 7
MOST_WORDS_LEFT_OUT: Final = 12
"""Up to here a vague text is asked about although it sounds impossible; longer ones often are so."""
MOST_POINTING_WORDS: Final = 12
MOST_STRANGE: Final = 2
SOMEWHAT_VAGUE: Final = -0.2
FEW_WORDS: Final = 4
LEAST_OURS: Final = 0.75
STRANGE: Final = -0.6
"""What is below both, the share of known words and the score of vagueness, is of another field (two of three such)."""
PLAINLY: Final = -0.25
"""A sentence below it is honest although a rule knows its words: no unsafe one of the development sets is."""
PLAIN: Final = 0.5
"""A text below it is not looked at sentence by sentence: that takes as long again as the text."""


class Marks(BaseModel):
    """Thresholds of one score, and the shares of held-out sentences above them.

    Above `refuse` a sentence is refused; above `hesitate` it is refused where no intent fits or where it would only
    become a question; above `gate` every effect of its plan waits for an approval. `honest` and `caught` are the
    shares of honest held-out sentences and of those of the label above the three, in this order; the same `outsiders`,
    by models that never saw the author.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    refuse: float
    hesitate: float
    gate: float
    honest: tuple[float, float, float]
    caught: tuple[float, float, float]
    honest_outsiders: tuple[float, float, float]
    caught_outsiders: tuple[float, float, float]


class VagueMark(BaseModel):
    """The score above which a request of known words is vague, and the shares of held-out ones that are called so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    above: float
    vague: float
    out_of_scope: float


class PolicyCard(BaseModel):
    """What the weights were trained on, and by mode and label their thresholds, set by cross-validation.

    `means` and `spreads` are those of honest held-out sentences by label: of the words' score, then the meaning's. The
    encoder's first `lower_layers` are used as they are, those above as trained on the sentences of `layers_sha256`, the
    words and the linear head on those of `data_sha256`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    data_sha256: str
    layers_sha256: str
    lower_layers: int
    recipe: dict[str, float]
    sentences: dict[str, int]
    held_out: dict[str, int]
    means: dict[Label, tuple[float, float]]
    spreads: dict[Label, tuple[float, float]]
    marks: dict[Mode, dict[Label, Marks]]
    vague: VagueMark


@dataclass(frozen=True, eq=False)
class Vague:
    """Tells a request that leaves out what it is about from one that is none of ours, by words alone."""

    known: frozenset[str]
    weights: NDArray[np.float32]
    bias: float

    def fits(self, text: str, found: TermWeights, mark: float) -> bool:
        """Whether all words are those of our requests, and together nearer to a vague one than to a strange one."""
        said = words_of(text)
        return bool(said) and self.known.issuperset(said) and self.score(found) > mark

    def score(self, found: TermWeights) -> float:
        """Above zero for vague requests, below for strange ones."""
        return float(found.weights @ self.weights[found.columns] + self.bias)


@dataclass(frozen=True, eq=False)
class Meaning:
    """The encoder as trained for this, with a column of scores for each label."""

    encoder: Encoder
    head: LinearHead

    def scores(self, texts: Sequence[str]) -> Scores:
        """How much more each label is likely than an honest text, as a logarithm of odds; (texts, labels)."""
        vectors = self.encoder.encode([told(text) for text in texts])
        return np.asarray(vectors @ self.head.weights + self.head.bias, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class PolicyModel:
    """Term weights with one hyperplane for each label, and the meaning where there is an encoder."""

    card: PolicyCard
    terms: TfIdf
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    unclear: Vague
    meaning: Meaning | None = None

    @property
    def mode(self) -> Mode:
        """hybrid with embeddings, else lexical."""
        return "lexical" if self.meaning is None else "hybrid"

    def marks(self, label: Label) -> Marks:
        """The thresholds of a label in the present mode."""
        return self.card.marks[self.mode][label]

    def score(self, text: str, label: Label = "unsafe") -> float:
        """How far the text as a whole lies from honest ones, in units of their spread."""
        return float(_scores(self, (text,))[0, LABELS.index(label)])

    def scores(self, texts: Sequence[str]) -> Scores:
        """The scores of many texts, (texts, labels)."""
        return _scores_of(self, texts)

    def refuses(self, text: str, label: Label = "unsafe") -> bool:
        """Whether the text sounds so much like the label, and more than like the other, that it is refused."""
        return self._nearest(text) == label and self.score(text, label) > self.marks(label).refuse

    def refuses_a_sentence(self, text: str) -> bool:
        """Whether one sentence of several sounds so unsafe that the text is refused."""
        return self._worst(text) > self.marks("unsafe").refuse

    def hesitates(self, text: str, label: Label = "unsafe") -> bool:
        """Whether it is refused where no intent fits or where it would only become a question."""
        return self._nearest(text) == label and self.score(text, label) > self.marks(label).hesitate

    def hesitates_at_a_sentence(self, text: str) -> bool:
        """Whether one sentence of several sounds so unsafe that no question is asked about the text."""
        return self._worst(text) > self.marks("unsafe").hesitate

    def sounds_plain(self, text: str) -> bool:
        """Whether neither the text nor a sentence of it sounds unsafe at all, so that a word of a rule may be chance.

        Never where only words are weighed: those may be the same.
        """
        if self.meaning is None:
            return False
        return bool(_scores(self, (text, *pieces(text)))[:, LABELS.index("unsafe")].max() < PLAINLY)

    def doubts(self, text: str) -> bool:
        """Whether the text sounds unsafe enough that a person shall confirm its effects."""
        return max(self.score(text), self._worst(text)) > self.marks("unsafe").gate

    def vague(self, text: str) -> bool:
        """Whether the text may be one of ours that leaves out what it is about: a question is due."""
        return self.unclear.fits(text, self.terms.weigh(masked(text)), self.card.vague.above)

    def points(self, text: str) -> bool:
        """Whether a short text without figures seems vague though one or two of its words are not ours.

        It points at what it does not name ("the old beast"), or is very short and clearly nearer to a vague one.
        """
        said, score = words_of(text), self.unclear.score(self.terms.weigh(masked(text)))
        strange = sum(word not in self.unclear.known for word in said)
        if not said or re.search(r"\d", text) or strange > MOST_STRANGE:
            return False
        if _SOME_THING.search(text) and len(said) <= MOST_POINTING_WORDS and score > SOMEWHAT_VAGUE:
            return True
        if strange == MOST_STRANGE:
            return False
        if _POINTING.search(text):
            return len(said) <= MOST_POINTING_WORDS and score > self.card.vague.above
        return len(said) <= MOST_VAGUE_WORDS and score > 0.0

    def strange(self, text: str) -> bool:
        """Whether the text seems to be of another field: many words that our requests lack, and nothing vague in it."""
        said = words_of(text)
        ours = sum(word in self.unclear.known for word in said)
        return ours < LEAST_OURS * len(said) and self.unclear.score(self.terms.weigh(masked(text))) < STRANGE

    def leaves_out(self, text: str) -> bool:
        """Whether the text is vague and short, with a code or figure very short: a question is due, however odd."""
        most = FEW_WORDS if re.search(r"\d", text) else MOST_WORDS_LEFT_OUT
        return len(text.split()) <= most and self.vague(text)

    def _worst(self, text: str) -> float:
        """The highest unsafe score of a sentence, less `HANDICAP`, if there are several and the text is not plain."""
        apart = pieces(text) if self.score(text) > PLAIN else ()
        return float(_scores(self, apart)[:, LABELS.index("unsafe")].max()) - HANDICAP if apart else -np.inf

    def _nearest(self, text: str) -> Label:
        """The label whose threshold the sentence exceeds the most, or falls short of the least."""
        return max(LABELS, key=lambda label: self.score(text, label) - self.marks(label).refuse)


@lru_cache(maxsize=256)
def _scores(model: PolicyModel, texts: tuple[str, ...]) -> Scores:
    return _scores_of(model, texts)


def _scores_of(model: PolicyModel, texts: Sequence[str]) -> Scores:
    parts = [np.stack([_of_words(model, each) for each in texts])]
    if model.meaning is not None:
        parts.append(model.meaning.scores(texts))
    means, spreads = (np.array([each[label] for label in LABELS]) for each in (model.card.means, model.card.spreads))
    return joined(np.stack(parts, axis=-1), means, spreads)


def _of_words(model: PolicyModel, text: str) -> Scores:
    found = model.terms.weigh(masked(text))
    return np.asarray(found.weights @ model.weights[found.columns] + model.bias, dtype=np.float64)


def pieces(text: str) -> tuple[str, ...]:
    """The sentences of a text that has several: a long story hides what one of them asks for. Neither very short ones
    nor those that only tell something.

    >>> pieces("It is hot. Let the alarms be silent until Monday.")
    ('Let the alarms be silent until Monday.',)
    >>> pieces("Let the alarms be silent until Monday.")
    ()
    """
    found = _STOP.split(text.strip())
    return (
        tuple(each for each in found if len(each.split()) >= LEAST_WORDS and not _TOLD.match(each))
        if len(found) > 1
        else ()
    )


def joined(parts: Scores, means: Scores, spreads: Scores) -> Scores:
    """The weighted sum over the last axis of scores in units of their spread, (..., labels, parts) -> (..., labels)."""
    n = parts.shape[-1]
    weighed = (parts - means[..., :n]) / spreads[..., :n] * np.array(SHARES)[:, :n]
    return np.asarray(weighed.sum(axis=-1))


def masked(text: str) -> str:
    """The text with codes, dates, figures and addresses replaced by words for them.

    >>> masked("mail DOC-17 of 2025-03-01 to a@b.example, 40 pages")
    'mail acode of isodate to mailaddr, 0 pages'
    """
    return _CODES.sub(lambda match: _MASKS[str(match.lastgroup)], text)


def words_of(text: str) -> list[str]:
    """The words of a text without codes, figures and dates, in small letters.

    >>> words_of("Snooze AL-9, it's only 3 kW")
    ['snooze', "it's", 'only', 'kw']
    """
    return _WORD.findall(_CODES.sub(" ", text).lower().replace("’", "'"))


def told(text: str) -> str:
    """The text for the encoder: without codes and addresses, and without the mark at its end, a habit of the writer.

    >>> told("Audit 40 pages of DOC-17, please.")
    'Audit 40 pages of acode, please'
    """
    named = _CODES.sub(lambda match: _NAMES.get(str(match.lastgroup), match.group(0)), text)
    return named.rstrip(" .!?")


@cache
def packaged_policy() -> PolicyModel:
    """The model of this release, read once for each process."""
    with as_file(files("redaptive.reference").joinpath("language", "refusals")) as folder:
        return load_policy(folder, packaged_encoder())


def load_policy(folder: Path, encoder: MiniLmEncoder | None = None) -> PolicyModel:
    """The model in a folder; without an encoder it weighs words and letters only.

    :raises Unavailable: it is missing or cannot be read.
    """
    try:
        card = PolicyCard.model_validate_json((folder / CARD).read_bytes())
        with np.load(folder / ARRAYS, allow_pickle=False) as stored:
            terms = TfIdf.stored(stored)
            weights = stored["weights"].astype(np.float32) * stored["scale"]
            meaning = None if encoder is None else _meaning(stored, encoder, card.lower_layers)
            return PolicyModel(card, terms, weights, stored["bias"].astype(np.float32), _vague(stored), meaning)
    except (OSError, ValueError, KeyError) as error:
        raise Unavailable(
            f"The policy model cannot be read: {error}.",
            field=str(folder),
            fix="Run python scripts/train_refusals.py, or install the package again.",
        ) from error


def _vague(stored: Mapping[str, NDArray[np.float32]]) -> Vague:
    weights = stored["vague.weights"].astype(np.float32) * stored["vague.scale"]
    return Vague(frozenset(text_lines(stored["vague.known"])), weights[:, 0], float(stored["vague.bias"][0]))


def _meaning(stored: Mapping[str, NDArray[np.float32]], encoder: MiniLmEncoder, lower: int) -> Meaning:
    """The encoder with the stored changes above its first `lower` layers, and the head."""
    changes = {name: stored[name].astype(np.float32) for name in stored if name.endswith((".a", ".b"))}
    head = LinearHead(stored["head"].astype(np.float32), stored["head.bias"].astype(np.float32))
    return Meaning(encoder.adapted(changed_layers(encoder.layers[lower:], changes)), head)
