"""Templates: what all of them can use, and how their values are escaped and functions called.

A results page escapes hundreds of values and calls a hundred functions. Jinja makes an object of
every escaped text, and looks at each function for marks that ours do not bear. What a page repeats
most, a value that can be chosen and a bar, is a macro that is rendered once, with gaps (`GAP`) that
views fill.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from flask import Flask, Response, current_app, render_template, request
from flask.templating import Environment as FlaskEnvironment
from jinja2 import StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from markupsafe import Markup

from web.assets import Assets
from web.config import WebConfig
from web.escaping import escaped
from web.i18n import wording


class _Context(Context):
    """What a template sees; its functions are called as they are."""

    def call(
        self, function: Callable[..., Any], *args: Any, _block_vars: object = None,
        _loop_vars: object = None, **named: Any,
    ) -> Any:  # fmt: skip
        """Call a function of a template, which is passed neither context nor environment."""
        return function(*args, **named)


class _Generator(CodeGenerator):
    """Compiles templates so that they escape by `escaped`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write("environment.escaped(")


class Environment(FlaskEnvironment):
    """Flask's environment of templates, whose every value is escaped by `escaped`."""

    code_generator_class = _Generator
    context_class = _Context
    escaped = staticmethod(escaped)


GAP = Markup("<gap>")
"""What a view fills later in the markup of a macro; nothing that is escaped can be the same."""


def parts() -> Any:
    """Return the macros of ``parts.html``, of the application that is answering."""
    return current_app.jinja_env.get_template("parts.html").module


def with_gaps(made: Markup) -> str:
    """Return markup with a ``%s`` for each `GAP`: to be filled with what is markup already."""
    return str(made).replace("%", "%%").replace(GAP, "%s")


def rendered(
    template: str, code: int = 200, /, mimetype: str = "text/html", **shown: Any
) -> Response:
    """Answer with a template, under a status code."""
    return Response(render_template(template, **shown), code, mimetype=mimetype)


def _without_language(query: str) -> str:
    """Return a query string that a choice of language can be appended to."""
    kept = [pair for pair in query.split("&") if pair and not pair.startswith("ui=")]
    return "".join(f"{pair}&" for pair in kept)


def install(app: Flask, config: WebConfig, assets: Assets) -> None:
    """Give templates what all of them use, and compile them now rather than at the first reader."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.autoescape = True
    environment.globals.update(
        site_name=config.name,
        style=assets.address("broadsheet.css"),
        script=assets.address("broadsheet.js"),
        icon=assets.address("icon.svg"),
        languages=wording.LANGUAGES,
        number=wording.number,
        day_label=wording.day_label,
        decimal=wording.decimal,
        direction_of=wording.direction_of,
        exact_label=wording.exact_label,
        explained_label=wording.explained_label,
        language_name=wording.language_name,
        articles_label=wording.articles_label,
        span_label=wording.span_label,
        within_quotes=wording.within_quotes,
        version=version("broadsheet"),
        keeps=config.shelf is not None,
    )

    @app.context_processor
    def page() -> dict[str, Any]:
        return {
            "root": request.script_root,
            "lang": wording.language(),
            "direction": wording.direction_of(wording.language()),
            "tongue": _without_language(request.query_string.decode("utf-8", "replace")),
        }

    for name in environment.list_templates():
        environment.get_template(name)
