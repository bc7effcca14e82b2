"""What can be asked: the deeds of each agent in words, a few whole questions, and what goes on from an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from redaptive.orchestration.intelligent.matchers.energy_intent_matcher import intents
from redaptive.orchestration.plans.pattern import Pattern

MOST_EXAMPLES: Final = 3


def abilities(patterns: Mapping[str, Pattern]) -> tuple[str, ...]:
    """Lines for "what can you do?": by agent what its tools do, then examples of the patterns of the library."""
    examples = [pattern.utterances[0] for pattern in patterns.values() if pattern.utterances][:MOST_EXAMPLES]
    return (
        "Ask in your own words; a plan is shown before it runs, and what changes something waits for approval.",
        *_by_agent(),
        *(f'For example: "{each}"' for each in examples),
        'After an answer: "why?", "top 5", "sort by cost", "as CSV", "the second one", "and for March?", '
        '"by how much?", "in percent", "again", "undo".',
    )


def _by_agent() -> Iterator[str]:
    """A line for each agent with what it does, and one with what no tool of this installation does."""
    by_agent: dict[str, list[str]] = {}
    missing = [intent.title for intent in intents().values() if not intent.available]
    for intent in intents().values():
        agent = "several agents" if intent.is_workflow else intent.name.partition(".")[0]
        if intent.available:
            by_agent.setdefault(agent, []).append(intent.title)
    for agent, titles in by_agent.items():
        yield f"{agent.replace('-', ' ')}: {'; '.join(titles)}."
    if missing:
        yield f"Planned, but not run in this installation: {'; '.join(missing)}."
