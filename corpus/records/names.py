"""The names that people give to the parts of an article: keys of objects, columns of tables."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

_WORDS = {
    "title": "title headline heading headlinetext webtitle articletitle newstitle posttitle "
    "pagetitle titel titre titulo titolo header name hed uberschrift schlagzeile titular kop "
    "заголовок назва tytuł baslık 标题 標題 タイトル 見出し 제목",
    "body": "articlebody body text content fulltext maintext bodytext article articletext "
    "articlecontent storytext story paragraphs plaintext cleantext cleanedtext rawtext contenttext "
    "newstext textcontent textbody bodyhtml contenthtml contentencoded html bodyxhtml fullarticle "
    "texto texte inhalt document post postcontent message selftext contenido contenu testo tekst "
    "текст tresc metin 正文 内容 本文 본문 내용",
    "lead": "lead lede standfirst abstract summary shortdescription subtitle subheadline subhead "
    "subheading deck dek excerpt teaser intro trailtext leadparagraph description metadescription "
    "snippet",
    "published": "datepublished published publishedat publicationdate publishedon publisheddate "
    "publishdate datepublish pubdate firstpublished firstpublishedat firstpublicationdate "
    "webpublicationdate dategmt date datetime postdate articledate newsdate issuedate "
    "versioncreated firstcreated publishtime pubtime timestamp time created createdat createdon "
    "creationdate datecreated createdutc datum fecha data day дата tarih 日期 发布时间 日付 公開日 "
    "날짜",
    "updated": "datemodified updated updatedat updateddate modified modifiedgmt modifiedat "
    "lastmodified lastupdated datemodify dateupdated lastmod modificationdate contentmodified",
    "section": "section articlesection sectionname category categoryname newsdesk desk rubric "
    "rubrik ressort channel department column categorie categoria seccion",
    "kind": "kind genre articletype typeofmaterial contenttype type",
    "topic": "topic series storyline mainsubject dossier thema",
    "tags": "tags tag keywords keyword newskeywords labels topics subjects subject categories "
    "articletags schlagworte etiquetas hashtags terms",
    "authors": "authors author byline authorname authornames writer writers creator dccreator by "
    "journalist journalists reporter contributors articleauthor autor autores auteur autoren "
    "autore автор yazar 作者 著者 記者 기자",
    "url": "canonicalurl canonical url link weburl articleurl permalink href sourceurl newsurl "
    "pageurl shorturl originalurl uri guid id source slug",
    "source": "outlet publisher publication publicationname newspaper sourcename site sitename "
    "website provider source mediaoutlet media domain sourcedomain feed feedname journal magazine",
    "agency": "agency newsagency wire wireservice copyrightholder",
    "place": "place dateline datelineplace located",
    "places": "places locations geo geofacet countries location country",
    "people": "people persons perfacet person persones",
    "orgs": "orgs organizations organisations orgfacet companies org",
    "exchanges": "exchanges exchange",
    "language": "language lang inlanguage locale languagecode langcode",
    "captions": "captions caption imagecaption photocaption imagealt",
    "credits": "credits credit imagecredit photocredit imagesource",
    "related": "related relatedheadlines relatedarticles relatedtitles seealso",
    "page": "printedpage printpage pagelabel",
    "own": "own id guid uuid articleid docid docno documentid newsid storyid postid newid objectid "
    "key identifier uri",
}
NAMES = {field: tuple(words.split()) for field, words in _WORDS.items()}
"""Keys by the field of `Article` that they fill, the best first; `own` is the document's own id.

They are compared as `plain_key` makes them: `datePublished` and `Date published` are one."""

_FIELD_OF = {key: field for field, keys in NAMES.items() for key in reversed(keys)}
_SPACES_AROUND = re.compile(r"[\W_]+")
_MARKS = re.compile("[\u0300-\u036f]")


def looks_like_article(keys: object) -> bool:
    """Tell whether keys (of an object, of a table's columns) name a title or a text."""
    given = keys if isinstance(keys, (dict, list)) else ()
    fields = {_FIELD_OF.get(plain_key(key)) for key in given if isinstance(key, str)}
    return bool(fields & {"title", "body", "lead"}) and len(fields - {None, "kind"}) >= 2


@lru_cache(maxsize=65536)
def plain_key(key: str) -> str:
    """Return a key in lower case, without punctuation and accents."""
    plain = _MARKS.sub("", normalize("NFKD", key[:64].lower()))
    return _SPACES_AROUND.sub("", normalize("NFC", plain))
