"""Commands whose modules are imported when they are invoked: a command does not pay for what others need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup

from redaptive.late import late


@dataclass(frozen=True)
class LazyCommand:
    """Where a command is (`module:name` of a function or of a Typer application), its line and panel in the help."""

    target: str
    help: str
    hidden: bool = False
    panel: str | None = None


class LazyGroup(TyperGroup):
    """A group that lists the commands of `lazy` without importing them; what was added as usual works beside them."""

    lazy: ClassVar[Mapping[str, LazyCommand]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, entry in self.lazy.items():
            line = TyperCommand(name, help=entry.help, hidden=entry.hidden, rich_help_panel=entry.panel)
            self.commands.setdefault(name, line)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names, imported."""
        if args:
            self.load(args[0])
        return super().resolve_command(ctx, args)

    def load(self, name: str) -> None:
        """Put the real command in the place of its line in the help; nothing for a name that is not lazy."""
        entry = self.lazy.get(name)
        if entry is None or type(self.commands[name]) is not TyperCommand or self.commands[name].callback is not None:
            return
        holder, found = typer.Typer(rich_markup_mode=self.rich_markup_mode), late(entry.target)
        if isinstance(found, typer.Typer):
            holder.add_typer(found, name=name, hidden=entry.hidden, rich_help_panel=entry.panel)
        else:
            holder.command(name, hidden=entry.hidden, rich_help_panel=entry.panel)(found)
        self.commands[name] = typer.main.get_group(holder).commands[name]

    def load_all(self) -> None:
        """Import every command, for those who look at all of them."""
        for name in self.lazy:
            self.load(name)
        for command in self.commands.values():
            if isinstance(command, LazyGroup):
                command.load_all()
