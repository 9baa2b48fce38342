"""The application: an engine and a configuration in, a Flask application out.

Nothing is global: two applications in one process share nothing. Handlers run in the order in
which they are installed here, and what guards comes before what answers: id and log, rate limit,
access, then what is known already (304, a page from memory), then the views.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Flask
from flask import Request as FlaskRequest
from werkzeug.middleware.proxy_fix import ProxyFix

from search.engine import Engine
from web import templating
from web.addresses import Parameters
from web.api import api, operations
from web.assets import Assets
from web.config import WebConfig
from web.feeds import feeds, sitemap
from web.i18n import wording
from web.security import access, headers, problems, rates
from web.shelf import api as shelf_api
from web.shelf import pages as shelf_pages
from web.shelf import reader, taking
from web.site import Site
from web.views import articles, batch, browse, compare, like, pages

_HERE = Path(__file__).resolve().parent


class _Request(FlaskRequest):
    parameter_storage_class = Parameters


class _Flask(Flask):
    request_class = _Request
    jinja_environment = templating.Environment

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function as it is: none is asynchronous, which Flask looks for at each call."""
        return func


def create_app(engine: Engine, config: WebConfig | None = None) -> Flask:
    """Return the application that shows what an engine answers. The engine is not closed by it."""
    config = config or WebConfig()
    # Our own assets are served from memory, so Flask's folder is switched off.
    app = _Flask("web", root_path=str(_HERE), static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=config.max_body,
        MAX_FORM_MEMORY_SIZE=config.max_body,
        TRUSTED_HOSTS=list(config.hosts) or None,
        TEMPLATES_AUTO_RELOAD=False,
        PROPAGATE_EXCEPTIONS=False,
    )
    site = Site(engine, config)
    app.extensions["broadsheet"] = site
    if config.proxies:
        count = config.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=count
        )
    assets = Assets(_HERE / "static")
    wording.install(app, str(_HERE / "translations"))
    operations.install(app, site)
    gate = access.Gate(config) if config.users else None
    rates.install(app, config, gate.client if gate else access.address)
    access.install(app, config, gate)
    headers.install(app, site, f"{version('broadsheet')} {assets.version}")
    problems.install(app)
    reader.install(app)
    assets.install(app)
    for module in (pages, articles, browse, feeds, sitemap, batch, compare, like, api, operations,
                   shelf_pages, taking, shelf_api):  # fmt: skip
        app.register_blueprint(module.blueprint)
    templating.install(app, config, assets)
    return app
