"""From a question to an answer: the plan, a durable run across agents, figures with their sources.

    python examples/energy/energy_orchestration_example.py "which Chicago offices waste the most at night, \
and what would fixing the worst three earn?"

Works for the tenant of REDAPTIVE_TENANT (default: demo); load the sample with `redaptive sample load --tenant demo`.
"""

from __future__ import annotations

import argparse
import os

import anyio

from redaptive.app import open_app
from redaptive.cli.ask import Asked, Reply, answer
from redaptive.cli.ask_view import print_answer
from redaptive.orchestration.intelligent.dag_drawing import to_ascii
from redaptive.settings import Settings

QUESTION = "which Chicago offices waste the most at night, and what would fixing the worst three earn?"


def show(reply: Reply) -> None:
    """The plan, then the answer; a question or a refusal is printed as it is."""
    outcome = reply.outcome
    if outcome.plan is None or reply.answer is None:
        print(outcome.question or f"Refused ({outcome.reason}): {outcome.message}")
        return
    print(to_ascii(outcome.plan))
    print(f"\nslots: {dict(outcome.inputs)}\nrun {reply.run_id}: {reply.state}")
    print_answer(reply.answer)
    for sentence in reply.answer.sentences:
        for figure in sentence.figures:
            print(f"  {figure.shown:>14} = {figure.value} from {figure.node} {figure.path}")


async def main(question: str) -> None:
    """Ask, and show what came of it."""
    settings = Settings(tenant=os.environ.get("REDAPTIVE_TENANT", "demo"))
    async with open_app(settings) as app:
        show(await answer(app, Asked(question, plan_only=False, approve=True, as_json=True, conversation=None)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("question", nargs="?", default=QUESTION)
    anyio.run(main, parser.parse_args().question)
