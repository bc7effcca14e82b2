"""A request in parts: what is asked, in which order, under which condition, and which parts stand beside each other."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.announced import told_apart
from redaptive.orchestration.intelligent.planners.clauses.clause import Clause as Clause
from redaptive.orchestration.intelligent.planners.clauses.clause import Relation
from redaptive.orchestration.intelligent.planners.clauses.connectives import (
    AFTER,
    ALL_APART,
    ASKS_WHERE,
    ASKS_WHETHER,
    BARE,
    BEFORE,
    BESIDE,
    BOUNDARY,
    COMPARES,
    DANGLING,
    DENIES_ORDER,
    EITHER_WAY,
    ENDING_THEN,
    IF,
    IN_THAT_CASE,
    INNER_THEN,
    INSISTS,
    INVERTED,
    LEADING_ELSE,
    LEADING_PARALLEL,
    LEADING_THEN,
    MIDWAY,
    NOMINAL_IF,
    NOT_UNTIL,
    POLITE,
    PREDICATE,
    REACHES,
    SAY_FIRST,
    SUPPOSED,
    TRAILING_PARALLEL,
    TRAILING_THEN,
    points_back,
)
from redaptive.orchestration.intelligent.planners.clauses.deeds import done
from redaptive.orchestration.intelligent.planners.clauses.headings import headings_ahead
from redaptive.orchestration.intelligent.planners.clauses.reasons import explained
from redaptive.orchestration.intelligent.planners.clauses.rephrasing import IN_ORDER, rephrased
from redaptive.orchestration.intelligent.planners.clauses.rows import branched, followed, grouped, with_objects
from redaptive.orchestration.intelligent.planners.clauses.sentences import bracketed, sentences
from redaptive.orchestration.intelligent.planners.clauses.verbs import (
    ASKING,
    CLEAR_VERB,
    VERB,
    active,
    asks,
    imperative,
)
from redaptive.orchestration.intelligent.planners.values.literals import freed, glued, held, paired
from redaptive.orchestration.intelligent.planners.values.records import listed_from

_WISH: Final = rf"(?:please\s+|then\s+|just\s+|also\s+)*(?:{VERB}|{ASKING}|i(?:'d|\s+(?:would|want|need))\b|we(?:'d|\s+(?:would|want|need))\b|let's\s|let\s|go\s|do\s)"
_ACTION: Final = re.compile(
    rf"\s*(?:,(?!\d{{3}}|\s*(?:otherwise|else)\b)\s*(?:then\s+)?|\s+then\s+|:\s+|\s+[–—-]\s+)(?={_WISH})", re.IGNORECASE
)
_ADDS: Final = re.compile(
    r"\b(?:plus|as\s+well\s+as|along\s+with|together\s+with|besides|also|alongside)\b", re.IGNORECASE
)
"""Words of independence that join things as well as wishes."""
_WISHED: Final = re.compile(rf"\s*{_WISH}", re.IGNORECASE)
_COMMA: Final = re.compile(
    r"\s*(?:,(?!\d{3}|\s*(?:and|or)\s)\s*(?:then\s+)?|\s+then\s+|:\s+|\s+[–—]\s+|(?:->|→|=>)\s*)(?=\S)", re.IGNORECASE
)
_ELSEWHERE: Final = re.compile(r";|\b(?:otherwise|else)\b", re.IGNORECASE)
"""What stands between an order and the next one where both are no action of one condition."""
_BEHIND_FIGURE: Final = re.compile(
    rf"(?<=\d)(?:\s?(?:%|percent|[kM]?Wh?(?:/\w+)?|points?|days?|hours?|years?|usd|dollars|degrees|F|C))?\s+(?={VERB}\s+\S)",
    re.IGNORECASE,
)
"""Where a figure that is compared is over and an order follows without a comma."""
_ITEM: Final = re.compile(
    rf"(?:[;,:]|\band)\s(?!(?:then|once|after|when|if|unless|otherwise|finally|next|meanwhile|also|besides|in\s+(?:parallel|addition))\b(?!,?\s+(?:the\s+)?(?:task\s+)?(?-i:[A-Z]+-?\d))|{CLEAR_VERB})(?=[^.?!]*\d)"
    r"|\.\s(?=\w+\s(?:[A-Z]|\d{1,2}):\s)",
    re.IGNORECASE,
)
"""What stands between the figures of a list."""
_ARGUMENT: Final = re.compile(
    r",\s(?=(?:with\s+|using\s+|under\s+)?(?:the\s+)?(?:template|subject|program(?:me)?|channel|recipient)\s+['\"]?\w)",
    re.IGNORECASE,
)
"""What stands before an argument that is named: ", template x"."""
_BETWEEN: Final = re.compile(r"\bbetween\s+(?:(?!\band\b)[^,;]){1,30}$", re.IGNORECASE)
_ONCE_OVER: Final = re.compile(
    r"\s+(?:only\s+)?(?:once|when|as\s+soon\s+as|after)\s+(?P<first>[^,;:.?!]{3,40})$", re.IGNORECASE
)
_BOTH: Final = re.compile(
    rf"(?P<verb>\b{CLEAR_VERB}|\band\s+{VERB})\s+(?:them\s+)?(?:both|all)(?=[.!?\s]*$)", re.IGNORECASE
)
"""Things that were named before, as the object of a verb."""
_ENDS: Final = frozenset({"then", "which", "and", "otherwise", "parallel", "middle", "sentence"})
"""Boundaries that end a condition behind its action."""


def split(text: str) -> list[Clause]:
    """The parts of a request in the order in which they are to be done.

    >>> [(c.relation, c.text) for c in split("Audit bill DOC-7, then compare tariffs and notify the manager")]
    [('first', 'Audit bill DOC-7'), ('then', 'compare tariffs'), ('and', 'notify the manager')]
    >>> [(c.text, c.condition) for c in split("Check the peak of meter 7. If it is above 400 kW, raise an alert.")]
    [('Check the peak of meter 7', ''), ('raise an alert', 'it is above 400 kW')]
    >>> [(c.relation, c.text) for c in split("Text the manager after running the rules on AHU-3")]
    [('first', 'run the rules on AHU-3'), ('then', 'Text the manager')]
    """
    parts: list[Clause] = []
    apart = False
    if (start := listed_from(text)) is not None:
        text = text[:start] + _ITEM.sub(lambda match: glued(match.group(0)), text[start:])
    text = _ARGUMENT.sub(lambda match: glued(match.group(0)), text)
    text = bracketed(rephrased(explained(paired(held(told_apart(text))))))
    text, ordered = IN_ORDER.sub("", text), bool(IN_ORDER.search(text))
    for sentence in sentences(text):
        cleaned = active(sentence.strip())
        if parts and ALL_APART.match(cleaned):
            apart = True
        elif cleaned:
            more = list(_sentence(cleaned, "and" if parts else "first"))
            parts = followed(parts, branched(more, parts))
    parts = with_objects(parts)
    if ordered:
        parts = [replace(part, relation="then" if part.relation == "and" else part.relation) for part in parts]
    if apart:
        parts = [replace(part, relation="parallel" if at else "first", group=0) for at, part in enumerate(parts)]
    parts = [replace(part, text=freed(part.text), condition=freed(part.condition)) for part in parts]
    parts = headings_ahead(parts)
    return grouped([replace(parts[0], relation="first"), *parts[1:]]) if parts else []


def _sentence(text: str, relation: Relation) -> Iterator[Clause]:
    if asked := SAY_FIRST.search(text):
        rest = f"{text[: asked.start()]}{text[asked.end() :]}"
        yield from (
            replace(part, gated=True)
            for part in (_sentence(rest, relation) if tidy(rest) else [Clause("ask first", relation)])
        )
        return
    text = _BOTH.sub(r"\g<verb> them", text)
    match = TRAILING_PARALLEL.search(text)
    parts = list(_phrase(text[: match.start()] if match and match.start() > 8 else text, relation))
    if match is not None and len(parts) > 1:
        parts = [parts[0], *(replace(p, relation="parallel" if p.relation == "and" else p.relation) for p in parts[1:])]
    yield from parts


def _phrase(text: str, relation: Relation) -> Iterator[Clause]:
    """The parts of a piece of a sentence, which may begin with a subordinate clause."""
    cleaned = MIDWAY.sub(r"\g<mark>, \g<verb> ", active(POLITE.sub("", text.strip())))
    counted = LEADING_THEN.match(cleaned)
    if counted and DENIES_ORDER.match(cleaned[counted.end() :]):
        cleaned = cleaned[counted.end() :]
    if match := LEADING_THEN.match(cleaned):
        cleaned, relation = cleaned[match.end() :], "then"
    elif match := LEADING_PARALLEL.match(cleaned):
        apart = bool(DENIES_ORDER.match(cleaned))
        made = list(_abreast(cleaned[match.end() :], "parallel" if apart and relation == "then" else relation))
        yield from [replace(made[0], apart=apart), *made[1:]] if made else []
        return
    led = _led(POLITE.sub("", cleaned), relation)
    yield from led if led is not None else _coordinated(cleaned, relation)


def _abreast(text: str, relation: Relation) -> Iterator[Clause]:
    """The parts of what is said to go beside others; at the very start and behind a "then" beside each other."""
    leads = relation in ("first", "then")
    made = list(_phrase(text, relation if leads else "parallel"))
    announced = leads and all(part.relation in (relation, "and") for part in made) and len(made) > (relation == "then")
    if relation == "then" and not announced:
        made = [replace(part, relation="parallel") for part in made[:1]] + made[1:]
    yield from (replace(p, relation="parallel", soft=False) if announced and at else p for at, p in enumerate(made))


def _led(text: str, relation: Relation) -> list[Clause] | None:
    """The parts of what begins with "if", "unless", "otherwise", "after", "before" or "while"; None for anything else."""
    if match := IN_THAT_CASE.match(text):
        return [
            replace(part, condition=part.condition or "so" * (not part.otherwise))
            for part in _phrase(match["action"], "and")
        ]
    if match := NOMINAL_IF.match(text):
        return [
            replace(part, condition=part.condition or match["condition"]) for part in _phrase(match["action"], "and")
        ]
    if match := LEADING_ELSE.match(text):
        return [replace(part, otherwise=not part.condition) for part in _phrase(text[match.end() :], "and")]
    if (match := NOT_UNTIL.match(text)) is not None:
        return [*_phrase(done(match["first"]), relation), *_behind(match["second"])]
    if (match := BEFORE.match(text)) is not None:
        second, first = _with_apposition(match["second"], match["first"])
        return [*_phrase(first, relation), *_behind(done(second))]
    if (match := BESIDE.match(text)) is not None:
        first, second = _with_apposition(match["first"], match["second"])
        return [*_phrase(imperative(done(first)), relation), *_phrase(second, "parallel")]
    if (match := INVERTED.match(text)) is not None:
        text = f"if {match['condition']}, {match['action']}"
    match = AFTER.match(text) or _after_bare(text)
    if match is not None and not _conditions(match):
        return list(_afterwards(match, relation))
    return _if(text, relation)


def _with_apposition(under: str, main: str) -> tuple[str, str]:
    """A subordinate clause and its main one: what stands between two commas before an order belongs to the first."""
    cut = None if _WISHED.match(main) else _ACTION.search(main)
    if cut is None or not cut.group(0).lstrip().startswith(","):
        return under, main
    return f"{under}, {main[: cut.start()]}", main[cut.end() :]


def _after_bare(text: str) -> re.Match[str] | None:
    """ "After the audit of DOC-3 open a ticket": no comma, but a verb."""
    head = re.match(r"(?:only\s+)?(?:right\s+|just\s+)?(?:after|once|following|as\s+soon\s+as)\s+", text, re.IGNORECASE)
    cut = BARE.search(text, head.end()) if head else None
    return AFTER.match(f"{text[: cut.start()]}, {text[cut.end() :]}") if cut else None


def _conditions(match: re.Match[str]) -> bool:
    """Whether "when" and its like begin a condition: they compare something, and nothing is said to be done."""
    over = re.search(
        r"\b(?:done|finished|complete[d]?|ready|through|extracted|read|been\s+\w+)\b", match["first"], re.IGNORECASE
    )
    word = match["word"].lower()
    if word == "with":
        return bool(re.search(r"\d|\b(?:no|any|fewer|less|more)\b", match["first"])) and not points_back(match["first"])
    timed = word == "when" or (word in ("once", "as soon as") and bool(REACHES.search(match["first"])))
    return timed and not points_back(match["first"]) and not over and bool(COMPARES.search(match["first"]))


def _afterwards(match: re.Match[str], relation: Relation) -> Iterator[Clause]:
    if points_back(match["first"]):
        yield from _phrase(match["second"], "then")
        return
    plain = match["word"].lower() in ("with", "using", "given", "based on", "building on", "following", "upon")
    first = list(_phrase(imperative(done(match["first"])), relation))
    lead = f"{match['word']} "
    if plain:
        first = [Clause(match["first"].strip(), relation, soft=True, ahead=True, lead=lead)]
    yield from first
    second = list(_phrase(match["second"], "then"))
    yield from [replace(second[0], relation="then"), *second[1:]]


def _behind(text: str) -> list[Clause]:
    """What was named before its turn: the first of it waits."""
    made = list(_phrase(imperative(text), "then"))
    return [replace(made[0], relation="then"), *made[1:]] if made else []


def _if(text: str, relation: Relation) -> list[Clause] | None:
    """The parts of "if C, A"; the condition counts for all of A but its alternative."""
    match = IF.match(text)
    cut = _cut(match) if match else None
    if match is None or cut is None:
        return None
    condition, action = match["rest"][: cut.start()], match["rest"][cut.end() :]
    if points_back(condition) and match["word"].lower() in ("when", "once", "as soon as"):
        return list(_phrase(action, "then"))
    negated = match["word"].lower() == "unless"
    made = list(_phrase(action, relation))
    return [
        part
        if part.condition or part.otherwise
        else replace(part, text=EITHER_WAY.sub("", part.text))
        if EITHER_WAY.search(part.text)
        else replace(part, condition=tidy(condition), negated=negated)
        for part in made
    ]


def _cut(match: re.Match[str]) -> re.Match[str] | None:
    """Where the condition ends and its action begins."""
    rest = match["rest"]
    bare = BARE.search(rest) if not match["word"].lower().startswith(("where", "as soon", "once")) else None
    comma = _COMMA.search(rest)
    nearest = bare if bare and (comma is None or bare.start() < comma.start()) else comma
    action = _ACTION.search(rest)
    if action and bare and _ELSEWHERE.search(rest, bare.end(), action.start()):
        return bare
    return action or nearest or _BEHIND_FIGURE.search(rest)


def _coordinated(text: str, relation: Relation) -> Iterator[Clause]:
    """Part after part up to the end, by the first boundary that counts."""
    match = _nearest(text)
    if match is None:
        yield from _plain(text, relation)
        return
    head, rest, kind = text[: match.start()], text[match.end() :], str(match.lastgroup)
    if kind in ("condition", "unless"):
        yield from _conditioned(head, rest, relation, negated=kind == "unless")
    elif kind in ("after", "first"):
        yield from _reversed(head, rest, relation, match)
    else:
        yield from _plain(head, relation)
        yield from _next(rest, kind, match)


def _nearest(text: str) -> re.Match[str] | None:
    """The first boundary that counts; ", but first" stands before all that it follows in its piece of a sentence."""
    ends = (each for each in _boundaries(text) if _counts(each, text))
    nearest = next(ends, None)
    if nearest is None or nearest.lastgroup != "soft":
        return nearest
    firm = next((each for each in ends if each.lastgroup != "soft"), None)
    return firm if firm is not None and firm["first"] else nearest


def _boundaries(text: str) -> Iterator[re.Match[str]]:
    """Where parts may end; what stands inside ", but only when" is tried too."""
    at = 0
    while match := BOUNDARY.search(text, at):
        yield match
        at = match.start() + 1 if match["middle"] else max(match.end(), match.start() + 1)


def _next(rest: str, kind: str, match: re.Match[str]) -> Iterator[Clause]:
    """What stands behind a boundary."""
    lead, rest = match.group(0), rest.lstrip(" ;,")
    if kind == "otherwise":
        yield from (replace(part, otherwise=not part.condition, relation="and") for part in _phrase(rest, "and"))
        return
    if kind == "which":
        yield from (replace(part, condition=part.condition or "so") for part in _phrase(rest, "and"))
        return
    if kind == "before":
        made = _behind(re.sub(r"^(?:you|we|i)\s+", "", rest, flags=re.IGNORECASE))
        nominal = re.match(r"(?:the|an?|any|that|it)\s", rest, re.IGNORECASE)
        yield from [replace(made[0], soft=bool(nominal), lead=lead), *made[1:]]
        return
    relation: Relation = "then" if kind == "then" else "parallel" if kind in ("parallel", "while") else "and"
    made = list(_phrase(imperative(rest) if kind == "while" else rest, relation))
    soft = (kind == "soft" and ";" not in lead) or (
        kind == "parallel" and not _WISHED.match(rest) and bool(_ADDS.search(lead))
    )
    if made:
        apart = made[0].apart or bool(DENIES_ORDER.match(lead.lstrip(" ,;.")))
        yield replace(made[0], soft=made[0].soft or (soft and not made[0].condition), lead=lead, apart=apart)
        yield from made[1:]


def _counts(match: re.Match[str], text: str) -> bool:
    """Whether a boundary is one: it has something before it, and an "if" does not ask whether."""
    if not tidy(text[: match.start()]):
        return False
    if match["condition"] or match["unless"]:
        word = match.group(0).strip().lower()
        timed = word.endswith(("when", "whenever"))
        if timed and re.match(r"(?:you|we|i)\s+[a-z]", text[match.end() :], re.IGNORECASE):
            return False
        return not ASKS_WHETHER.search(text[: match.start()]) and (
            not timed or bool(COMPARES.search(text[match.end() :]))
        )
    if match["and"] and PREDICATE.match(text, match.end()):
        return False
    if match["then"] and (INNER_THEN.match(text, match.start()) or ENDING_THEN.match(text, match.start())):
        return False
    if match.lastgroup in ("soft", "and") and _BETWEEN.search(text[: match.start()]):
        return False
    if match["middle"]:
        rest = text[match.end() :]
        return bool(ASKS_WHERE.match(rest)) or _led(POLITE.sub("", rest), "and") is not None
    return bool(text[match.end() :].strip(" .!?"))


def _conditioned(head: str, rest: str, relation: Relation, *, negated: bool) -> Iterator[Clause]:
    """ "A if C", and what follows C; what a question supposes of people is no condition on a finding."""
    if relation == "first" and not negated and asks(POLITE.sub("", head)) and SUPPOSED.match(rest):
        yield from _plain(f"{head} if {rest}", relation)
        return
    if relation in ("first", "and") and INSISTS.match(POLITE.sub("", head)) and not BOUNDARY.search(rest):
        yield from _plain(f"{head} {'unless' if negated else 'when'} {rest}", relation)
        return
    end = next((each for each in BOUNDARY.finditer(rest) if _ends(each) and _counts(each, rest)), None)
    condition = rest[: end.start()] if end else rest
    made = list(_plain(head, relation))
    yield from [*made[:-1], replace(made[-1], condition=tidy(condition), negated=negated)] if made else []
    if end is not None:
        yield from _next(rest[end.end() :], str(end.lastgroup), end)


def _ends(match: re.Match[str]) -> bool:
    """Whether a boundary ends a condition."""
    return match.lastgroup in _ENDS or (match.lastgroup == "soft" and ";" in match.group(0))


def _reversed(head: str, rest: str, relation: Relation, match: re.Match[str]) -> Iterator[Clause]:
    """ "A after B", "A, but first B": B comes first; what a "then" joins to B comes behind A."""
    end = next(
        (
            e
            for e in BOUNDARY.finditer(rest)
            if e.lastgroup in ("then", "otherwise", "sentence", "middle") and _counts(e, rest)
        ),
        None,
    )
    own = re.sub(
        r"^(?:you(?:'ve|\s+have)?|we(?:'ve|\s+have)?|i(?:'ve|\s+have)?)\s+",
        "",
        rest[: end.start()] if end else rest,
        flags=re.IGNORECASE,
    )
    own = done(own)
    nominal = match["after"] is not None and imperative(own) == own and not _WISHED.match(own)
    if points_back(own):
        yield from _plain(head, "then")
    else:
        made = list(_phrase(imperative(own), relation))
        yield from [replace(made[0], soft=nominal, ahead=nominal, lead=match.group(0)), *made[1:]] if made else []
        yield from _plain(head, "then")
    if end is not None:
        yield from _next(rest[end.end() :], str(end.lastgroup), end)


def _plain(text: str, relation: Relation) -> Iterator[Clause]:
    """One part."""
    if (match := TRAILING_THEN.search(text) or INNER_THEN.search(text)) or (match := _behind_all(text)):
        text, relation = f"{text[: match.start()]}{text[match.end() :]}", "then"
    if cleaned := tidy(text):
        yield Clause(cleaned, relation)


def _behind_all(text: str) -> re.Match[str] | None:
    """ "... once you have them" at the end of a clause."""
    match = _ONCE_OVER.search(text)
    return match if match and points_back(match["first"]) else None


def tidy(text: str) -> str:
    """The text without politeness before it and loose ends behind it."""
    return DANGLING.sub("", POLITE.sub("", text.strip()).strip(" \t\n,;:.!?-–—"))
