"""Pages that are no articles are refused with what they are; articles about them are not.

Measured on the development pages, all of them articles: of 1,304 one is refused, a table of events.
Of 160 lists made from the frames of 160 of these pages and the headlines of others, 141 are told;
of the others, 9 have all their headlines inside what their template calls navigation.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from corpus.core.errors import UnreadableError
from corpus.readers.html import parse_page
from corpus.reading_options import reading_as

SHARED = Path(__file__).parents[3] / "shared" / "corpora"
FRAME = """<!doctype html><html lang="{lang}"><head><title>{title}</title>{head}</head><body>
<header><nav><ul><li><a href="/politics">Politics</a></li><li><a href="/sport">Sport</a></li></ul>
</nav></header><main>{main}</main><footer><p>© 2024 Harrow Post. All rights reserved.</p></footer>
</body></html>"""
TEXT = (
    "<p>The council of Harrow Bay voted on Tuesday to keep the old bridge open for another year,"
    " against the advice of the engineer who had looked at its piers in March.</p>"
    "<p>The vote was close, nineteen to twelve, after a debate that lasted for six hours and a"
    " half. Nobody in the gallery of the town hall had expected it to come to a vote.</p>"
)


def teasers(pattern: str, count: int = 12) -> str:
    return "".join(
        pattern.format(
            link=f"/2024/05/{number}-story",
            title=f"Headline of story number {number} about the harbour",
            text="A sentence or two that tell what the story is about, as front pages have them.",
        )
        for number in range(count)
    )


def wall(title: str, *sentences: str, lang: str = "en", head: str = "", form: str = "") -> str:
    text = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return FRAME.format(lang=lang, title=title, head=head, main=f"<h1>{title}</h1>{text}{form}")


def home(address: str) -> str:
    return f'<link rel="canonical" href="{address}"><meta property="og:type" content="website">'


PASSWORD = '<form action="/login"><input name="u"><input type="password" name="p"></form>'
NO_ARTICLES = [
    ("list", FRAME.format(lang="en", title="Harrow Post", head=home("https://harrow.example/"),
        main=teasers('<article><h2><a href="{link}">{title}</a></h2><p>{text}</p></article>'))),
    ("list", FRAME.format(lang="de", title="Schlagwort: Hafen",
        head=home("https://harrow.example/tag/hafen/"),
        main=teasers('<a href="{link}"><h3>{title}</h3></a><div>{text}</div>', 6))),
    ("list", FRAME.format(lang="en", title="Harbour | Harrow Post",
        head='<meta property="og:type" content="article">'
        '<link rel="canonical" href="https://harrow.example/topics/harbour/page/3">',
        main="<h1>Harbour</h1>"
        + teasers('<li><h4><a href="{link}">{title}</a></h4><time>May 7</time>{text}</li>', 20))),
    ("list", FRAME.format(lang="en", title="Search results for bridge", head="",
        main=teasers('<h3><a href="{link}">{title}</a></h3><p>{text}</p>', 10))),
    ("robot check", wall("Just a moment...", "harrow.example", "Verify you are human by completing"
        " the action below.", "harrow.example needs to review the security of your connection.")),
    ("robot check", wall("Access denied", "You don't have permission to access this server.",
        "Reference #18.2f3a")),
    ("robot check", wall("Sind Sie ein Mensch?", "Bitte bestätigen Sie, dass Sie kein Roboter sind,"
        " um fortzufahren.", lang="de")),
    ("robot check", wall("Pardon Our Interruption", "As you were browsing, something about your"
        " browser made us think you might be a bot.", "Please enable JavaScript to go on.")),
    ("robot check", wall("Проверка", "Подтвердите, что вы не робот, чтобы продолжить чтение.",
        "Доступ ограничен на время проверки.", lang="ru")),
    ("consent wall", wall("We value your privacy", "We and our 713 partners store and access"
        " information on a device, such as cookies, and process personal data.",
        "You may accept or manage your choices, or object where legitimate interest is used.")),
    ("consent wall", wall("Bevor Sie fortfahren", "Wir und unsere Partner verwenden Cookies und"
        " verarbeiten personenbezogene Daten. Mit Ihrer Zustimmung zeigen wir Werbung.",
        lang="de")),
    ("consent wall", wall("Avant de continuer", "Nous et nos 402 partenaires utilisons des cookies"
        " pour traiter vos données personnelles avec votre consentement.", lang="fr")),
    ("consent wall", wall("Tu privacidad", "Nosotros y nuestros socios usamos cookies y tratamos"
        " datos personales. Valoramos tu privacidad y pedimos tu consentimiento.", lang="es")),
    ("login page", wall("Log in", "Welcome back to the Harrow Post. Log in to go on reading this"
        " article and all the others that are for subscribers.", form=PASSWORD)),
    ("login page", wall("Anmelden | Harrow Post", "Melden Sie sich mit Ihrer Adresse an, um alle"
        " Artikel zu lesen.", lang="de", form=PASSWORD)),
    ("login page", wall("Connexion", "Connectez-vous pour lire la suite de cet article.", lang="fr",
        form=PASSWORD)),
    ("error page", wall("404 Not Found", "The page that you are looking for has moved or was never"
        " there. Try the search, or go back to the front page.")),
    ("error page", wall("Seite nicht gefunden", "Die Seite, die Sie suchen, gibt es nicht mehr."
        " Vielleicht hilft Ihnen unsere Suche weiter.", lang="de")),
    ("error page", wall("Página no encontrada", "La página que buscas no existe o ha cambiado de"
        " dirección. Vuelve a la portada.", lang="es")),
    ("error page", wall("503 Service Unavailable", "The server is temporarily unable to service"
        " your request. Please try again later.")),
    ("error page", wall("Account suspended", "This account has been suspended. Ask whoever hosts"
        " it for more.")),
    ("error page", wall("harrow-post.example is for sale", "The domain can be had from today on."
        " Make an offer.")),
    ("list of search results", wall("Search results for “kiln”", "A kiln in the old town … the kiln"
        " was lit … three kilns and a barge …")),
    ("list of search results", wall("Suchergebnisse", "Ein Ofen in der Altstadt … der Ofen wurde"
        " gezündet …", lang="de")),
    ("error page", wall("ページが見つかりません", "お探しのページは移動または削除された可能性が"
        "あります。トップページからお探しください。", lang="ja")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "markup"), NO_ARTICLES)
def test_what_is_no_article_is_refused_by_its_kind(kind: str, markup: str) -> None:
    with pytest.raises(UnreadableError, match=f"no article but an? {kind}.*--keep-all"):
        parse_page(markup)
    with reading_as(keep_all=True):
        assert parse_page(markup).body


DATED = '<meta property="article:published_time" content="2024-05-07T09:00:00Z">'
RELATED = teasers('<h3><a href="{link}">{title}</a></h3>', 8)
ARTICLES = [
    ("Why websites ask for your consent", "", "<p>Cookies, partners and personal data: every wall"
     " asks for consent, and hardly anyone reads on. We asked five readers why they click.</p>"),
    ("Are you a robot? A day with the machines", "", TEXT),
    ("Login fatigue: why passwords will not die", "", TEXT),
    ("404 metres of bridge, and no way across", "", TEXT),
    ("Before you continue to the coast, read this", "", TEXT),
    ("Council keeps the old bridge", DATED, TEXT + RELATED),
    ("Council keeps the old bridge", "", TEXT * 3 + RELATED),
    ("The archives of Harrow open their doors", "", TEXT * 2),
    ("Page not found: the lost leaf of the Harrow Bible", DATED, TEXT),
]  # fmt: skip


@pytest.mark.parametrize(("title", "head", "text"), ARTICLES)
def test_an_article_is_read_whatever_it_is_about(title: str, head: str, text: str) -> None:
    main = f'<article><h1>{title}</h1><p class="byline">By Ada Quill</p>{text}</article>'
    article = parse_page(FRAME.format(lang="en", title=title, head=head, main=main))
    assert article.title == title


@pytest.mark.skipif(not SHARED.is_dir(), reason="the development pages are not here")
def test_development_pages_are_articles() -> None:
    """A sample of them; see above for all."""
    pages = sorted((SHARED / "wcxb" / "html").iterdir())[::40]
    refused = []
    for path in pages:
        try:
            parse_page(gzip.decompress(path.read_bytes()))
        except UnreadableError as error:
            refused.append((path.name, str(error)))
    assert len(pages) >= 15
    assert not [name for name, reason in refused if "no article but" in reason]
