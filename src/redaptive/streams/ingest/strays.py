"""MQTT messages on topics that nobody reads: a slip in the topic must not lose readings that the broker has taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import structlog

from redaptive.streams.ingest.keys import is_slip
from redaptive.streams.ingest.mqtt_client import Arrived

UNKNOWN_TOPIC: Final = "unknown_topic"
PREFIX: Final = "redaptive"
WORDS: Final = ("readings", "senml")
_HINT: Final = (
    f"; topics are {PREFIX}/<tenant>/<gateway>/{WORDS[0]} or {WORDS[1]}, and spBv1.0/<tenant>/<verb>/<node>[/<device>]"
)
EVERYTHING: Final = ("#",)
"""Of a broker of our own; topics that begin with $ are not part of it."""
UNDER_PREFIX: Final = (f"{PREFIX}/#", f"{PREFIX.capitalize()}/#", f"{PREFIX.upper()}/#")
"""Of a broker that others use too."""
_MOST: Final = 1_000
log = structlog.get_logger(__name__)


@dataclass
class Strays:
    """Which messages on foreign topics are kept: all that were meant for us, else the first one of each topic."""

    _known: set[str] = field(default_factory=set)

    def is_kept(self, arrived: Arrived) -> bool:
        """Whether the payload goes to the dead letters; a topic is logged once."""
        is_new = arrived.topic not in self._known and len(self._known) < _MOST
        if is_new:
            self._known.add(arrived.topic)
            log.warning("mqtt_topic_unknown", topic=arrived.topic)
        return is_new or _meant_for_us(arrived.topic)


def detail_of(topic: str) -> str:
    """What the dead letter says."""
    return topic + _HINT


def sender_of(detail: str) -> tuple[str, str]:
    """Tenant and gateway as the topic of a dead letter has them; empty where it does not say.

    >>> sender_of(detail_of("Redaptive/acme/roof/reading")), sender_of(detail_of("acme/roof"))
    (('acme', 'roof'), ('', ''))
    """
    levels = detail.removesuffix(_HINT).split("/")
    if len(levels) < 3 or not _nearly(levels[0], PREFIX):
        return "", ""
    return levels[1], levels[2]


def _meant_for_us(topic: str) -> bool:
    levels = topic.split("/")
    return _nearly(levels[0], PREFIX) or _nearly(levels[0], "spBv1.0") or any(_nearly(levels[-1], w) for w in WORDS)


def _nearly(said: str, meant: str) -> bool:
    return said == meant or is_slip(said, meant)
