"""Templates: what all of them can use, and how their values are escaped and functions called.

A results page escapes 800 values and calls a hundred functions. `markupsafe.escape`, which Jinja
calls for each value, makes an object of every text, and `Context.call` looks at each function for
marks that ours do not bear: together they were a third of the time of a page.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from flask import Flask, request
from flask.templating import Environment as FlaskEnvironment
from jinja2 import StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from markupsafe import Markup, _escape_inner  # type: ignore[attr-defined]

from web.assets import Assets
from web.config import WebConfig
from web.i18n import wording


def escaped(value: object) -> str:
    """Return a value as it may stand in markup: what is no markup is escaped."""
    if isinstance(value, Markup):
        return value
    text: str = _escape_inner(value if isinstance(value, str) else str(value))
    return text


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
