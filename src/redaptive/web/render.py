"""A page of blocks as one HTML file that needs no network."""

from __future__ import annotations

import json
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from redaptive import __version__
from redaptive.web.blocks import Chart, Page, cell_text

_ECHARTS = "echarts-6.1.0.common.min.js"


def _script_json(value: object) -> Markup:
    """JSON that cannot end its script element, whatever a building is called."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704


def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("redaptive.web", "views"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["cell"] = cell_text
    env.filters["script_json"] = _script_json
    return env


def render_html(page: Page) -> str:
    """The page as a self-contained HTML document: styles, data and chart library inside."""
    has_charts = any(isinstance(block, Chart) for block in page.blocks)
    library = files("redaptive.web").joinpath("static", "vendor", _ECHARTS).read_text("utf-8") if has_charts else ""
    return (
        _environment().get_template("report.html.j2").render(page=page, version=__version__, echarts=Markup(library))  # noqa: S704 - our own vendored file
    )
