"""What is no article: front pages, lists, consent walls, robot checks, login and error pages.

`no_article` looks at what a page declares and at its headings, and weighs it: an article's date,
its type or a long run of sentences speak for it, headings that are links, an address such as
`/tag/…` and the phrases of walls against it. The tables are data: add a phrase where one is
missing. Figures of how often it is right stand in `tests/corpus/test_page_kinds.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from corpus.html.declared import Declared
from corpus.html.page_shape import page_shape
from corpus.html.structured import ARTICLE_TYPES
from corpus.text.text import clean

_WALLS: dict[str, tuple[str, ...]] = {
    "a robot check": (
        r"just a moment", r"attention required", r"checking your browser",
        r"pardon our interruption", r"(?:are you|i'?m not|not) a robot",
        r"(?:verify|verifying|confirm)\w* (?:that )?you are (?:a )?human",
        r"verify (?:that )?you'?re (?:a )?human", r"access (?:to this page has been )?denied",
        r"bot verification", r"human verification", r"security check", r"request unsuccessful",
        r"you have been blocked", r"unusual traffic", r"\bcaptcha\b", r"ddos protection",
        r"enable javascript and cookies", r"please enable (?:js|javascript)",
        r"bist du ein (?:mensch|roboter)", r"sind sie ein (?:mensch|roboter)", r"kein roboter",
        r"sicherheitsüberprüfung", r"zugriff verweigert", r"êtes-vous un (?:robot|humain)",
        r"pas un robot", r"accès refusé", r"vérification de sécurité",
        r"no (?:soy|eres) un robot", r"eres humano", r"acceso denegado",
        r"comprobando (?:tu|su) navegador", r"não (?:é|sou) um robô", r"acesso negado",
        r"non sono un robot", r"accesso negato", r"geen robot", r"toegang geweigerd",
        r"не робот", r"проверка браузера", r"доступ (?:запрещ|огранич)", r"nie jestem robotem",
        r"robot değilim", r"güvenlik (?:kontrolü|doğrulaması)", r"ロボットではありません",
        r"人間であること", r"로봇이 아닙니다", r"人机验证", r"安全验证", r"安全检查",
        r"لست روبوت",
    ),
    "a consent wall": (
        r"before you continue", r"we (?:value|care about|respect) your privacy",
        r"your privacy (?:choices|matters)", r"^your privacy$",
        r"(?:cookie|privacy) (?:consent|settings|preferences)",
        r"manage (?:your )?(?:consent|cookies|privacy)",
        r"we and our (?:\d+ )?(?:partners|vendors)", r"(?:accept|consent to) (?:all )?cookies",
        r"bevor sie fortfahren", r"ihre privatsphäre", r"cookie-?einstellungen",
        r"privatsphäre-?einstellungen", r"mit werbung (?:weiter)?lesen",
        r"zustimmung (?:erforderlich|verwalten)", r"einwilligung",
        r"wir und unsere (?:\d+ )?partner", r"datenschutz(?:einstellungen)?$",
        r"avant de continuer", r"respect(?:ons)? (?:de )?votre vie privée",
        r"gestion des cookies", r"nous et nos (?:\d+ )?partenaires", r"continuer sans accepter",
        r"antes de continuar", r"(?:valoramos|respetamos) (?:tu|su) privacidad",
        r"nosotros y nuestros (?:\d+ )?socios", r"sua privacidade",
        r"nós e (?:os )?nossos (?:\d+ )?parceiros", r"prima di continuare", r"la tua privacy",
        r"noi e i nostri (?:\d+ )?(?:partner|fornitori)", r"voordat je (?:verder|door)gaat",
        r"jouw privacy|je privacy", r"wij en onze (?:\d+ )?partners", r"innan du fortsätter",
        r"din integritet", r"vi och våra (?:\d+ )?partner", r"før du fortsætter",
        r"før du fortsetter", r"twoja prywatność|twoją prywatność", r"my i nasi partnerzy",
        r"ennen kuin jatkat", r"gizliliğiniz", r"cookie-?k", r"ваша конфиденциальность",
        r"同意する|クッキー", r"隐私(?:设置|偏好)",
    ),
    "a login page": (
        r"(?:log|sign) ?in(?:$| to| or| with|\s[|–-])", r"login$", r"sign up(?:$| for)",
        r"create (?:an|your) account", r"forgot(?:ten)? (?:your )?password",
        r"(?:bitte )?(?:melden sie sich|melde dich) an", r"^anmelde[nu]", r"^anmeldung",
        r"^einloggen", r"passwort vergessen", r"^connexion", r"connectez-vous", r"se connecter",
        r"mot de passe oublié", r"inici(?:a|ar|e) sesión",
        r"contraseña olvidada|olvidaste tu contraseña", r"^entrar", r"iniciar sessão",
        r"fazer login", r"^accedi", r"password dimenticata", r"^inloggen", r"^logga in",
        r"^log ind", r"^logg inn", r"zaloguj", r"přihlášení|přihlásit", r"kirjaudu",
        r"giriş yap", r"вход(?: |$)", r"войти", r"увійти", r"تسجيل الدخول", r"התחבר",
        r"ログイン", r"로그인", r"登录|登錄|登入",
    ),
    "a list of search results": (
        r"^search results?(?:$|:| for\b.*[\"“‘'«])", r"^(?:suchergebnisse?|resultados de (?:la )?"
        r"búsqueda|résultats de (?:la |votre )?recherche|risultati della ricerca|zoekresultaten|"
        r"sökresultat|результаты поиска|wyniki wyszukiwania)\b",
        r"^(?:検索結果|搜索结果|검색 ?결과)",
    ),
    "an error page": (
        r"account (?:has been )?suspended", r"(?:this|the) domain\b.{0,40}\b(?:for sale|parked)",
        r"\.[a-z]{2,12} is for sale", r"buy this domain", r"diese domain (?:steht|ist) .*verkauf",
        r"(?:error |http |fehler |erreur |^)(?:40[0-9]|410|5\d\d)(?:$|\W+(?:error|not found|page|"
        r"seite|forbidden|gone|internal|bad|service))",
        r"page (?:not found|cannot be found|can'?t be found|doesn'?t exist|unavailable)",
        r"^(?:not found|forbidden|bad gateway|service unavailable|internal server error|"
        r"gateway time-?out|gone)$",
        r"(?:404|500|503)$", r"we can(?:'|’)?t find (?:that|the|this) page",
        r"(?:site|website) (?:is )?(?:temporarily )?(?:unavailable|under maintenance)",
        r"something went wrong", r"seite (?:wurde )?nicht gefunden", r"nicht gefunden$",
        r"diese seite (?:existiert|gibt es)", r"page (?:introuvable|non trouvée)",
        r"página no encontrada", r"no (?:se ha )?encontrad[oa]$", r"página não encontrada",
        r"pagina non trovata", r"pagina niet gevonden",
        r"sidan (?:kunde inte hittas|finns inte|hittades inte)",
        r"siden (?:blev ikke fundet|finnes ikke|findes ikke)", r"sivua ei löyty",
        r"nie znaleziono|strona nie istnieje",
        r"stránka (?:nenalezena|nebyla nalezena|neexistuje|sa nenašla)",
        r"az oldal nem található", r"pagina nu (?:a fost găsită|există)", r"sayfa bulunamadı",
        r"страница не найдена", r"сторінк\w+ не знайден", r"η σελίδα δεν (?:βρέθηκε|υπάρχει)",
        r"الصفحة غير موجودة", r"הדף לא נמצא", r"halaman tidak ditemukan",
        r"không tìm thấy trang", r"ไม่พบหน้า", r"ページが(?:見つかりません|存在しません)",
        r"찾을 수 없", r"页面不存在|找不到(?:该)?(?:页面|頁面)|頁面不存在",
    ),
}  # fmt: skip
"""What such pages say in their title or first heading, or in their first sentences."""

_LIST_PATH = re.compile(
    r"/(?:category|categories|tags?|topics?|sections?|authors?|archives?|search|rubrik|ressort|"
    r"thema|themen|schlagwort|suche|autoren|categorie|categoria|categorias|rubrique|etiqueta|"
    r"etiquetas|"
    r"tema|temas|sezione|argomenti|auteurs|zoeken|recherche|buscar|tagi|kategoria|kategorie|emne)/"
    r"[^/]+(?:/page/\d+)?/?$|/page/\d+/?$|/(?:search|suche|recherche|buscar|archives?|feed)/?$",
    re.IGNORECASE,
)
_LIST_TITLE = re.compile(
    r"\barchives?\b(?:\s*[|–—-]|$)|^(?:category|tag|topic|author|posts? (?:tagged|by)|"
    r"search results|"
    r"latest (?:news|stories|articles)|all (?:articles|posts|stories)|schlagwort|rubrik|thema|"
    r"kategorie|suchergebnisse|alle artikel|catégorie|étiquette|résultats|categoría|etiqueta|"
    r"resultados|"
    r"categoria|risultati|рубрика|категория|тег|поиск)\b\s*[:：]?|^(?:カテゴリー|タグ|分类|"
    r"标签)[:：]",
    re.IGNORECASE,
)
_LIST_TYPES = frozenset(("collectionpage", "searchresultspage", "itemlist", "blog"))
_LIST, _MOST_BY_SHAPE = 5, 5
"""The score of a list, and how much of it the shape of a page can give."""
_SHORT = 2500
_BRIEF = 900
_NOTICE = 250
_LONG_RUN = 700


class _Shape(NamedTuple):
    """What `page_shape` returns."""

    teasers: int
    longest: int
    heads: list[str]
    passwords: int


def no_article(page: Declared, paragraphs: Sequence[str]) -> str:
    """Return what a page is instead of an article, in a few words; "" for an article.

    `paragraphs` are what was found as its text.
    """
    size = sum(map(len, paragraphs))
    is_declared = _is_declared(page)
    may_be_wall = size < _SHORT and not is_declared
    score = _said_score(page, is_declared)
    if score + _MOST_BY_SHAPE < _LIST and not may_be_wall:
        return ""
    shape = _Shape(*page_shape(page.root))
    if may_be_wall and (wall := _wall(page, shape, paragraphs, size)):
        return wall
    if shape.teasers >= 3 and score + _shape_score(shape) >= _LIST:
        return f"a list of articles: {shape.teasers} of its headings are links to others"
    return ""


def _is_declared(page: Declared) -> bool:
    """Tell a page that says of itself, in a way that lists do not, that it is an article."""
    kinds = page.article.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    is_article = any(
        ARTICLE_TYPES.get(str(kind).rstrip("/").rsplit("/", 1)[-1].lower(), 0) >= 3
        for kind in kinds
    )
    return (
        is_article and bool(page.article.get("headline") or page.article.get("articleBody"))
    ) or (bool(page.meta("article:published_time", "datepublished", "pubdate", "parsely-pub-date")))


def _wall(page: Declared, shape: _Shape, paragraphs: Sequence[str], size: int) -> str:
    """Return which kind of wall the page is, "" for none."""
    heads = [head for head in (page.title, " | ".join(map(clean, shape.heads))) if head]
    text = " ".join(paragraphs)[:_SHORT]
    for kind, patterns in _PATTERNS.items():
        titled = any(patterns.search(head) for head in heads)
        said = len({found[0].lower() for found in patterns.finditer(text)})
        if kind == "a login page":
            if shape.passwords and size < _BRIEF and titled:
                return kind
        elif kind in ("an error page", "a list of search results"):
            if titled and size < _BRIEF:
                return kind
        elif kind == "a robot check":
            if (titled and (said or size < _NOTICE)) or said >= 2:
                return kind
        elif (titled and _is_about_consent(text)) or (said and _is_about_consent(text, 4)):
            return kind
    return ""


def _is_about_consent(text: str, least: int = 2) -> bool:
    return len({found[0].lower() for found in _CONSENT.finditer(text)}) >= least


def _shape_score(shape: _Shape) -> int:
    """Return how much the shape of a page speaks for a list, `_MOST_BY_SHAPE` at most."""
    score = 0
    if shape.teasers >= 5:
        score += 3 if shape.teasers >= 10 else 2
    # A list may have a longer text at its foot; so many teasers are none of an article.
    if shape.longest < _LONG_RUN + 20 * min(shape.teasers, 20):
        return score + 2
    return score - (4 if shape.longest > 2 * _LONG_RUN else 1)


def _said_score(page: Declared, is_declared: bool) -> int:
    """Return how much of what a page says of itself speaks for a list of articles."""
    path = urlsplit(page.url).path
    score = 0
    if (
        page.url and path.strip("/").lower() in ("", "index.html", "index.php", "home")
    ) or _LIST_PATH.search(path):
        score += 3
    if _LIST_TITLE.search(page.title):
        score += 2
    kinds = {str(node.get("@type", "")).lower() for node in page.nodes}
    if kinds & _LIST_TYPES and not is_declared:
        score += 2
    graph = page.meta("og:type").lower()
    score += (graph in ("website", "blog", "object")) - (graph == "article")
    return score - (4 if is_declared else 0)


_PATTERNS = {kind: re.compile("|".join(patterns), re.I) for kind, patterns in _WALLS.items()}
_CONSENT = re.compile(
    r"cookies?\b|consent|partners|vendors|personal data|legitimate interest|unique identifiers|"
    r"(?:store|access) information|personali[sz]\w+ (?:ads|content)|privacy policy|"
    r"einwilligung|zustimm\w+|"
    r"partner\b|"
    r"personenbezogen\w*|berechtigte\w* interesse|informationen auf (?:einem|ihrem) (?:ger|end)ät|"
    r"consentement|partenaires|"
    r"données personnelles|intérêt légitime|consentimiento|socios|datos personales|"
    r"interés legítimo|"
    r"consentimento|parceiros|dados pessoais|consenso|fornitori|dati personali|interesse legittimo|"
    r"toestemming|persoonsgegevens|samtycke|personuppgifter|samtykke|personoplysninger|"
    r"personopplysninger|suostumu\w+|zgod\w+|partnerzy|dane osobowe|souhlas|osobní údaje|"
    r"согласи\w+|персональн\w+|rıza|kişisel veri|クッキー|同意|個人(?:情報|データ)|쿠키|동의|"
    r"隐私|个人信息",
    re.IGNORECASE,
)
