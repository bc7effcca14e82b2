"""Which model a forecast of the command line goes by."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from redaptive.domain.forecast.model_bytes import StoredModel
from redaptive.domain.intervals import zone
from redaptive.settings import Settings
from redaptive.streams.forecasts.history import History
from redaptive.streams.forecasts.model_folder import ModelFolder, load_model


def model_folder() -> ModelFolder:
    """The models of the tenant that the command line works for."""
    settings = Settings()
    return ModelFolder(settings.home, settings.tenant)


def model_for(history: History, issue_s: int, given: Path | None) -> tuple[StoredModel | None, str | None]:
    """The model and, where there is none, why; with `given` that file, whatever it was trained on."""
    issued = local_day(history, issue_s)
    if given is not None:
        model = load_model(given)
        late = date.fromisoformat(model.origin.last) >= issued
        return (
            model,
            f"{given.name} was trained until {model.origin.last}: it knows what is forecast." if late else None,
        )
    folder = model_folder()
    found = folder.newest(history.commodity, issued)
    if found is not None:
        return load_model(found.path), None
    train = "Run `redaptive forecast train`."
    if folder.later(history.commodity, issued):
        train = "Those there are have seen what came after the issue."
    return None, f"No model of {history.commodity} is trained: each meter goes by its own past. {train}"


def local_day(history: History, issue_s: int) -> date:
    """The local date of an issue."""
    return datetime.fromtimestamp(issue_s, zone(history.timezone)).date()
