"""Verbs that begin a wish of their own: in the imperative, as a gerund or participle, and words that ask."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

_BASE: Final = """
accept acknowledge add adjust advise aggregate alert allocate analyse analyze answer apply appraise approve arrange ask
assemble assess assign audit authorize backfill benchmark break bring broadcast build calc calculate call cancel
capture chart check choose classify clean close collect combine comment commission compare compile complete compute confirm
consolidate construct convert correct cost count create crunch cut decide decline decode deliver describe design detect
derive determine develop diagnose digest dig dispatch display document download draft draw drill drop email e-mail escalate
establish estimate evaluate examine explain explore export extract fetch figure file fill find finish fire fix flag follow
forecast forget forward gather generate get give go grab guess halt hand hold identify ignore import inform ingest inspect interpolate investigate
issue justify keep label lay leave let list load locate log look mail make map mark match measure message model monitor name
normalise normalize note notify open optimise optimize order outline page parse perform pick ping plan plot post predict
prepare present price prioritise prioritize process produce project propose prove provide publish pull push put quantify
query quote raise rank rate read recalculate recommend reconcile record redo refresh register reject release remind reopen
repair replace reply report request reserve resolve respond retrieve return review revise roll route run save say scan
schedule score screen search see select send set share show simulate size skip snooze solve sort split spot start state stop stress
structure stress-test submit suggest sum summarise summarize surface take tally tell test text track transcribe translate triage
ascertain enumerate formulate itemise itemize obtain phrase scrutinise scrutinize tabulate unpack word
trigger try turn update upload use validate verify view walk warn weather-normalise weather-normalize withdraw work write
""".split()  # noqa: SIM905 -- a table of words
_ASKING: Final = r"what(?:'s|s)?|which|how|where|who|why|when|whether|is|are|was|were|does|do|did|will|would|has|have|can|could|should"
_DOUBLED: Final = "bdgmnprt"


def _gerund(verb: str) -> str:
    if verb.endswith("ie"):
        return f"{verb[:-2]}ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe")):
        return f"{verb[:-1]}ing"
    return f"{verb}ing"


def _participle(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return f"{verb[:-1]}ied"
    return f"{verb}ed"


def _forms(verb: str) -> dict[str, str]:
    """Other forms -> the base form."""
    made = {_gerund(verb): verb, _participle(verb): verb}
    if verb[-1] in _DOUBLED and len(verb) > 2 and verb[-2] in "aeiou" and verb[-3] not in "aeiou":
        made |= {f"{verb}{verb[-1]}ing": verb, f"{verb}{verb[-1]}ed": verb}
    return made


_IRREGULAR: Final = {
    "run": "run", "ran": "run", "sent": "send", "done": "do", "did": "do", "made": "make", "found": "find", "got": "get", "took": "take",
    "taken": "take", "seen": "see", "built": "build", "read": "read", "written": "write", "told": "tell", "gone": "go",
    "stored": "store", "drawn": "draw", "chosen": "choose", "put": "put", "given": "give", "paid": "pay", "withdrawn": "withdraw",
}  # fmt: skip
FORMS: Final = {form: verb for verb in _BASE for form in _forms(verb)} | _IRREGULAR
"""Gerunds and participles -> base form."""
_STORES: Final = r"store(?=\s+(?:it|its|them|the|those|these|their|that|all|both|what)\b)"
VERB: Final = "(?:" + "|".join([*sorted(map(re.escape, _BASE), key=len, reverse=True), _STORES]) + r")(?![\w'-])"
"""An imperative."""
_NOUNS: Final = """alert audit benchmark cost draft draw drop figure file fix flag forecast grab hold label leave list load log look mail map mark match
measure message model name note number order page phrase pick plan plot post price process produce project query quote rank rate read record release repair
report request reserve return review route run scan schedule score screen search set share show size sort split spot start state stress structure sum surface take
tally test text track trigger try update upload use value view walk word work write email sms""".split()  # noqa: SIM905
_OBJECT: Final = r"(?:the|an?|it|them|that|this|those|these|each|every|all|our|my|its|their|any|me|us|which|what|how|whether|up|out|only|both)\b|[A-Z]{2,}[-_]?\w*\d|[a-z]+_\w|\S+@\S"
CLEAR_VERB: Final = rf"(?:(?:look|search|scan|screen|check|ask|test)\s+for\b|(?!(?:{'|'.join(_NOUNS)})\b){VERB}|(?:{'|'.join(_NOUNS)})(?=\s+(?:{_OBJECT})))"
"""An imperative that is no noun where it stands."""
ASKING: Final = f"(?:{_ASKING})\\b"
"""The first word of a question."""
GERUND: Final = r"[a-z-]+ing\b"
_LEADING_FORM: Final = re.compile(r"^(?P<word>[a-z-]+)(?=\s)", re.IGNORECASE)


def imperative(text: str) -> str:
    """The text with a leading gerund or participle as an imperative.

    >>> imperative("running the rules on AHU-3"), imperative("extracted DOC-1"), imperative("building B-1")
    ('run the rules on AHU-3', 'extract DOC-1', 'building B-1')
    """
    match = _LEADING_FORM.match(text)
    base = FORMS.get(match["word"].lower()) if match else None
    if match is None or base is None or match["word"].lower() in ("building", "metering", "found"):
        return text
    return f"{base}{text[match.end() :]}"


PARTICIPLE: Final = (
    "(?:"
    + "|".join(sorted((form for form in FORMS if not form.endswith("ing")), key=len, reverse=True))
    + r")(?![\w-])"
)
FORM: Final = "(?:" + "|".join(sorted({*FORMS, *_BASE}, key=len, reverse=True)) + r")(?![\w-])"
"""A verb in any of its forms."""
_MODAL: Final = r"(?:should|must|shall|has\s+to|have\s+to|needs?\s+to|is\s+to|are\s+to|can|could|ought\s+to|will)"
_PASSIVE: Final = re.compile(
    rf"(?P<before>^|.*?(?:[;,:]|\band|\bthen)\s+)(?P<subject>(?:(?!\b(?:if|when|unless|once|after|before|and|then|what|which|who|how|why|whether)\b)[^;,:])+?)\s+{_MODAL}\s+(?:also\s+|then\s+|first\s+)?be\s+(?:\w+ly\s+)?(?P<verb>{PARTICIPLE})(?P<behind>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_HAVE_DONE: Final = re.compile(
    rf"(?P<before>^|.*?[;,:]\s+|.*?\b(?:and|then|finally|also)\s+)(?P<wish>(?:(?:i|we)(?:'d|\s+would)?\s+(?:like|want|need)(?:\s+to\s+have)?|(?:please\s+)?(?:have|get))\s+)(?P<subject>(?:(?!\b(?:to|if|when|unless|and)\b)[^;,:])+?)\s+(?P<verb>{PARTICIPLE})(?=\W|$)(?P<behind>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_HAVE_IT: Final = re.compile(rf"have\s+(?:it|them|this|that|these|those)\s+{PARTICIPLE}", re.IGNORECASE)
"""An order that begins as questions do: "have it read and audited"."""
_QUESTION: Final = re.compile(ASKING, re.IGNORECASE)
_NEXT_PARTICIPLE: Final = re.compile(
    rf"(?P<join>,\s*(?:and\s+|then\s+|and\s+then\s+)?|\s+(?:and\s+then|and|then)\s+)(?P<verb>{PARTICIPLE})(?=\s|[,.;]|$)(?!\s+[$]?\d)",
    re.IGNORECASE,
)
_NEXT_SUBJECT: Final = re.compile(
    rf"(?P<join>(?:\band|,)\s+(?:then\s+)?)(?P<subject>(?:the|our|its|their|all|any)\s+[^,;.]+?)\s+(?P<verb>{PARTICIPLE})(?=\s|[,.;]|$)",
    re.IGNORECASE,
)


def active(text: str) -> str:
    """The sentence with what should be done said as a command.

    >>> active("The invoice DOC-5 should be extracted, audited and the result mailed to Kim.")
    'extract The invoice DOC-5, audit it and mail the result to Kim.'
    """
    match = _PASSIVE.match(text) or _HAVE_DONE.match(text)
    if match is None or (asks(text) and not _HAVE_IT.match(text)):
        return text
    behind = _NEXT_SUBJECT.sub(lambda m: f"{m['join']}{_base(m['verb'])} {m['subject']}", match["behind"])
    behind = _NEXT_PARTICIPLE.sub(lambda m: f"{m['join']}{_base(m['verb'])} it", behind)
    return f"{match['before']}{_base(match['verb'])} {match['subject'].strip()}{active(behind)}"


def _base(form: str) -> str:
    return FORMS[form.lower()]


_BENDS: Final = re.compile(
    r"(?:make\s+(?:it|that)(?!\s+(?:\w+\s+)?(?:report|list|plan|checklist|summary|inventory|forecast|chart))|use|try|change|set|switch|take|limit|repeat|redo)\b",
    re.IGNORECASE,
)
_COMMAND: Final = re.compile(rf"(?:please\s+)?{VERB}", re.IGNORECASE)


def asks(text: str) -> bool:
    """Whether a text begins as a question."""
    return bool(_QUESTION.match(text))


def commands(text: str) -> bool:
    """Whether a text begins with an imperative, with or without a "please"."""
    return bool(_COMMAND.match(text))


def orders(text: str) -> bool:
    """Whether a clause asks for work, and does not only bend what was asked for before ("make it 15 years")."""
    return commands(text) and not _BENDS.match(text)


def leaves_out(text: str) -> bool:
    """Whether a clause has no verb of its own, so that it takes that of another: "by building type", "DOC-2"."""
    return not commands(text) and not asks(text) and not re.search(rf"\b(?:{_VERBAL})\b", text, re.IGNORECASE)


_VERBAL: Final = r"is|are|was|were|do|does|did|has|have|had|will|would|should|can|could|must|i|we|need|want"
