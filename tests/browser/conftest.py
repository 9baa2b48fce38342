"""One browser and one server for all tests of a session; a fresh window for each test."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from waitress import create_server

from corpus.core.article import Article, make_id
from corpus.core.stated_date import StatedDate
from indexer.update.update import update
from indexer.whoosh.archive import FolderStore
from search.engine import Engine, open_engine
from web.app import create_app
from web.config import WebConfig

ROOT = Path(__file__).resolve().parents[2]
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
              "--disable-background-networking", "--disable-component-update",
              "--disable-sync"]  # fmt: skip


LEFTWARDS = (
    Article(
        id=make_id(own="arabic"),
        title="عبّارة جديدة تربط الجزيرة بالميناء",
        lead="بدأت الرحلات صباح أمس وعلى متنها تسعون راكبا.",
        body=("قال مدير الميناء إن العبّارة Skarn II ستعمل ست مرات في اليوم.",
              "وتبلغ كلفة المشروع 12 مليونا، وتنتهي الأشغال على الرصيف في الربيع."),
        published=StatedDate("2023-03-09T07:30:00+00:00"),
        section="محليات",
        tags=("الميناء", "عبّارات", "Skarn"),
        authors=("ليلى حداد",),
        source="بريد الساحل",
        place="الميناء",
        captions=("العبّارة عند الرصيف",),
        language="ar",
    ),
    Article(
        id=make_id(own="hebrew"),
        title="הסירה האחרונה חזרה אל הנמל",
        body=("הדייגים חזרו עם ערב, ואיתם 400 קילו דגים.",),
        published=StatedDate("2023-03-10"),
        tags=("נמל",),
        source="The Harrow Bay Courier",
        language="he",
    ),
)  # fmt: skip
"""Articles that are written from right to left, with names and numbers that are not."""

MIXED = Article(
    id=make_id(own="mixed"),
    title="דו״ח על הנמל הישן",
    lead="מה כתבו העורכים על המזח.",
    body=("המזח נבנה לפני מאה שנה, ועומד עדיין.", "The Ravensworth report was sent with a letter."),
    published=StatedDate("2023-03-11"),
    section="נמלים",
    tags=("מזח",),
    authors=("רות גל",),
    source="The Harrow Bay Courier",
    language="en",
)  # fmt: skip
"""An article of one language whose parts are written in two directions."""

LONELY = Article(
    id=make_id(own="lonely"),
    title="What lichen tells of the age of gravestones",
    lead="A lichenologist measures crusts with callipers, one millimetre each decade.",
    body=("Rhizocarpon spreads radially over granite, patiently and almost circular, and its "
          "diameter betrays when masons polished the slab.",
          "Calibration, Wenna Tregear explains, begins with dated epitaphs; marble misleads, "
          "slate flakes, and pigeons fertilise whatever faces south.",
          "She was photographed beside a lantern, waiting for the tram in light rain."),
    published=StatedDate("2024-05-19"),
    language="en",
)  # fmt: skip
"""An article that shares a word or two with others, and is like none of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test here."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine over the sample newspaper and a story long enough to scroll."""
    index = tmp_path_factory.mktemp("browser") / "index"
    update(FolderStore(index), [str(ROOT / "corpus" / "sample")], processes=1)
    writer = FolderStore(index).writer()
    long = Article(
        id=make_id(own="long"),
        title="A zeppelin over the harbour",
        lead="What people saw of the zeppelin.",
        body=tuple(f"Paragraph {n} tells more of the zeppelin. " + "It was grey. " * 60
                   for n in range(12)),
        published=StatedDate("2024-06-03T12:00:00+00:00"),
        section="Features",
        tags=("airships",),
        source="The Harrow Bay Courier",
        language="en",
    )  # fmt: skip
    writer.put([long, *LEFTWARDS, MIXED, LONELY], [1, 2, 3, 4, 5], "test")
    writer.commit()
    writer.close()
    opened = open_engine(index)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def address(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over it, with a shelf as `serve` has one."""
    shelf = tmp_path_factory.mktemp("shelf")
    app = create_app(engine, WebConfig(rate_limit="", export_limit="", shelf=shelf))
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield started
        started.close()


Window = Callable[..., Page]


@pytest.fixture
def window(browser: Browser, address: str) -> Iterator[Window]:
    """Open windows of a size, with a script or without; what goes wrong in one fails the test."""
    opened: list[BrowserContext] = []
    wrong: list[str] = []

    def make(
        width: int = 1280, *, js: bool = True, scheme: str = "light", expect_errors: bool = False,
        **more: object,
    ) -> Page:  # fmt: skip
        context = browser.new_context(
            viewport={"width": width, "height": 740 if width < 700 else 900},
            java_script_enabled=js,
            color_scheme=scheme,  # type: ignore[arg-type]
            base_url=address,
            locale="en-GB",
            **more,  # type: ignore[arg-type]
        )
        context.set_default_timeout(15_000)
        opened.append(context)
        page = context.new_page()
        if not expect_errors:
            page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
            page.on(
                "console",
                lambda said: (
                    wrong.append(f"{said.type}: {said.text}")
                    if said.type in ("error", "warning")
                    else None
                ),
            )
        return page

    yield make
    for context in opened:
        context.close()
    assert wrong == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, fetched once into a folder of the checkout."""
    npm = shutil.which("npm")
    folder = ROOT / ".cache" / "axe"
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not script.exists():
            if npm is None:
                pytest.skip("axe-core is fetched by npm, which is not installed")
            done = subprocess.run(
                [npm, "install", "--prefix", str(folder), "--no-save", "--no-audit", "--no-fund",
                 "--ignore-scripts", "axe-core@4"],
                capture_output=True, text=True, timeout=120, check=False, env={**os.environ},
            )  # fmt: skip
            if done.returncode:
                pytest.skip(f"axe-core could not be fetched: {done.stderr[-300:]}")
    return script.read_text("utf-8")
