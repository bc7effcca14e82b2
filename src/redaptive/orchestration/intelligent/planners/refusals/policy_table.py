"""Tables of refused wishes: why each is refused, and the words that give it away, from `refusals/*.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from redaptive.errors import Unavailable

Words = tuple[str, ...]
FILE: Final = "acts.toml"
_NAMED: Final = re.compile(r"<<(?P<name>[A-Z_]+)>>")


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Order(_Row):
    """An act that is ordered: a verb where an order may begin, an object within `reach` words of it, a manner anywhere.

    Nothing of `unless` may stand after the verb. Each field holds regular expressions, of which one is enough.
    """

    act: str
    verb: Words
    what: Words = ()
    manner: Words = ()
    unless: Words = ()
    reach: int = 7


class Phrase(_Row):
    """Words that are enough to know an act by; `in_questions`: also in those.

    With `beside` one of these must stand in the text too, and nothing of `unless` may; `near`: that counts only beside
    the words, as a title or the task of a plan would stand.
    """

    act: str
    said: Words
    beside: Words = ()
    unless: Words = ()
    in_questions: bool = True
    near: bool = False


class ActTable(_Row):
    """Why each act is refused, lists of words by name, and what gives an act away."""

    why: dict[str, str]
    words: dict[str, Words]
    order: tuple[Order, ...]
    phrase: tuple[Phrase, ...]

    @model_validator(mode="after")
    def _is_whole(self) -> ActTable:
        """Each act says why it is refused, and each named list is there."""
        acts = {row.act for row in self.order} | {row.act for row in self.phrase}
        if unknown := acts - set(self.why):
            raise ValueError(f"No reason is given for {', '.join(sorted(unknown))}.")
        text = self.model_dump_json(exclude={"why"})
        if absent := set(_NAMED.findall(text)) - set(self.words):
            raise ValueError(f"There is no list of words {', '.join(sorted(absent))}.")
        return self

    def pattern(self, words: Words) -> str:
        """One regular expression for any of the words, with the named lists written out.

        :raises KeyError: there is no list of that name.
        """
        return _NAMED.sub(lambda match: f"(?:{self.pattern(self.words[match['name']])})", "|".join(words))

    def compiled(self, words: Words) -> re.Pattern[str] | None:
        """The same, ready for use in all cases of letters; None where there are no words."""
        return re.compile(self.pattern(words), re.IGNORECASE) if words else None


def packaged_acts() -> ActTable:
    """The table of forbidden acts of this release."""
    return packaged_table(FILE)


@cache
def packaged_table(name: str) -> ActTable:
    """A table of this release, read once for each process.

    :raises Unavailable: it is missing, cannot be read, or names an act or a list of words that it lacks.
    """
    found = files("redaptive.reference").joinpath("language", "refusals", name)
    try:
        return ActTable.model_validate(tomllib.loads(found.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise Unavailable(
            f"The table of refused wishes cannot be read: {error}.", field=name, fix="Install the package again."
        ) from error


def reasons() -> Mapping[str, str]:
    """Why each class of acts is refused, and what to do instead."""
    return packaged_acts().why
