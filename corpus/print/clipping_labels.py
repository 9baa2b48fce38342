"""What clipping services call the parts of an article, in the languages that they come in.

LexisNexis and ProQuest write labels in the language of the user's screen, Factiva two-letter codes
in every language. Names are compared in small letters; a field of '' is known and left out.
"""

from __future__ import annotations

import re

_FIELDS: dict[str, str] = {
    "title": "headline title titel titre título titolo título_del_artículo schlagzeile überschrift "
    "rubrik_titel intitulé kop",
    "authors": "byline author authors autor autoren von auteur auteurs signature autore autores "
    "verfasser auteur(s) door firma автор",
    "section": "section rubrik ressort rubrique sección sezione seção secção rubriek sectie "
    "desk раздел",
    "length": "length länge longueur longitud extensión lunghezza comprimento extensão tamanho "
    "lengte umfang längd объем",
    "lead": "highlight abstract encart résumé zusammenfassung resumen riassunto resumo "
    "samenvatting kurzfassung teaser",
    "body": "body full_text volltext texte_intégral texto_completo testo_completo texte_complet "
    "volledige_tekst text полный_текст",
    "source": "publication_title titel_der_publikation publikationstitel titre_de_la_publication "
    "título_de_publicación título_de_la_publicación titolo_della_pubblicazione "
    "título_da_publicação titre_de_publication titel_van_publicatie название_издания",
    "published": "publication_date publikationsdatum erscheinungsdatum date_de_publication "
    "fecha_de_publicación data_di_pubblicazione data_da_publicação data_de_publicação "
    "publicatiedatum дата_публикации",
    "language": "language sprache langue idioma lingua língua taal språk language_of_publication "
    "sprache_der_publikation langue_de_publication idioma_de_la_publicación "
    "lingua_di_pubblicazione idioma_da_publicação taal_van_publicatie язык_публикации",
    "tags": "subject subjects schlagwörter schlagwort thema themen sujet sujets materia materias "
    "tema soggetto argomento assunto onderwerp тема identifier_/_keyword",
    "people": "person people personen personnes personne personas persone pessoas",
    "orgs": "company organization organisation firma unternehmen entreprise société organisme "
    "empresa società azienda company_/_organization company_/_organisation "
    "unternehmen_/_organisation empresa_/_organización",
    "places": "city state country geographic location ort ville pays lieu lugar luogo localização "
    "geografie land région provincie местоположение",
    "place": "dateline origine ortsangabe",
    "captions": "graphic grafik graphique gráfico grafico illustration illustrations photo",
    "topic": "series column serie série kolumne",
    "page": "pages page first_page start_page erste_seite première_page primera_página "
    "seiten seite página páginas pagine pagina страницы",
    "url": "document_url dokument-url url_du_document url_de_documento url_del_documento",
    "own": "proquest_document_id proquest-dokument-id id_de_documento_de_proquest acc-no "
    "id_de_document_proquest id_documento_proquest id_del_documento_di_proquest "
    "numéro_de_document_proquest",
    "": "load-date ladedatum date-chargement date_de_chargement fecha-carga fecha_de_carga "
    "publication-type publikationstyp type-publication tipo_de_publicación zeitungs-code "
    "journal-code update correction correction-date ticker industry notes note document-type type "
    "edition ausgabe édition distribution publication_info links copyright issn isbn source_type "
    "source publisher place_of_publication country_of_publication publication_subject "
    "publication_year publication_date_old document_type document_feature database last_updated "
    "classification copyright_holder credit year volume issue number_of_pages contact "
    "dokumenttyp quellentyp verlag datenbank letzte_aktualisierung erscheinungsort "
    "erscheinungsjahr éditeur base_de_données lieu_de_publication année_de_publication "
    "type_de_source type_de_document dernière_mise_à_jour editorial lugar_de_publicación "
    "año_de_publicación tipo_de_fuente tipo_de_documento última_actualización base_de_datos "
    "editore luogo_di_pubblicazione tipo_di_documento ultimo_aggiornamento branche laad-datum "
    "datum_laden información_de_publicación informations_de_publication vínculos liens",
}
LABELS: dict[str, str] = {
    name.replace("_", " "): field for field, names in _FIELDS.items() for name in names.split()
}
"""The field of each label, in small letters."""

CODES: dict[str, str] = {
    "HD": "title", "BY": "authors", "SE": "section", "PD": "published", "ET": "time",
    "SN": "source", "LA": "language", "LP": "body", "TD": "body", "NS": "tags", "IN": "tags",
    "RE": "places", "CO": "orgs", "AN": "own", "PG": "page", "ART": "captions", "CLM": "topic",
    "CR": "credits", "WC": "", "SC": "", "ED": "", "CY": "", "IPC": "", "IPD": "", "PUB": "",
    "VOL": "", "CT": "", "RF": "", "CX": "", "DLN": "place", "NGC": "",
}  # fmt: skip
"""The field of each of Factiva's codes."""

START_OF_DOCUMENT = re.compile(
    r"^[ \t]*(?:\d+[ ]+(?:of|von|de|sur|di|van|из)[ ]+\d+[ ]+(?:DOCUMENTS?|DOKUMENTEN?|DOCUMENTOS?|"
    r"DOCUMENTI|DOCUMENTEN)|(?:DOKUMENT|DOCUMENTO?)[ ]+\d+[ ]+(?:of|von|de|sur|di|van)[ ]+\d+)"
    r"[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
END_OF_DOCUMENT = re.compile(
    r"^[ \t]*(?:End of Document|Ende des Dokuments|Dokumentende|Fin du document|Fin del documento|"
    r"Fine del documento|Einde van (?:het )?document|Fim do documento|Конец документа)[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
FACTIVA_END = re.compile(
    r"^\s*(?:Document|Dokument|Documento|Документ|文件|文档|ドキュメント|문서)\s?"
    r"(?P<own>[A-Z][A-Z0-9]{3,11}0[0-9a-z]{10,30})\s*$"
)
LENGTH = re.compile(
    r"^\s*(?P<count>[\d., ]{1,9})\s?(?:words?|mots?|Wörter|Worte|palabras?|parole|palavras?|"
    r"woorden|ord|слов[ао]?|字|語|単語|단어|sanaa|słów|slov)\s*$",
    re.IGNORECASE,
)
PAGE_LINE = re.compile(
    r"^\s*(?:Page|Seite|Página|Pagina|Pg\.?)\s+\d+(?:\s+(?:of|von|de|sur|di|van)\s+\d+)?"
    r"(?:\s*©.*)?\s*$",
    re.IGNORECASE,
)
BODY_HEADINGS = frozenset(
    "body text haupttext textkörper corps texte cuerpo texto corpo testo tekst".split()
)
TAIL_HEADINGS = frozenset(
    "classification klassifizierung klassifikation clasificación classificazione classificação "
    "classificatie graphic graphique grafik notes".split()
)
WEEKDAYS = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|"
    r"\b(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"lunes|martes|miércoles|jueves|viernes|sábado|domingo|"
    r"lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|"
    r"segunda-feira|terça-feira|quarta-feira|quinta-feira|sexta-feira|"
    r"maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)\b,?",
    re.IGNORECASE,
)
_LANGUAGES = {
    "en": "english englisch anglais inglés inglese inglês engels английский 英语 英語",
    "de": "german deutsch allemand alemán tedesco alemão duits немецкий",
    "fr": "french französisch français francés francese francês frans французский",
    "es": "spanish spanisch espagnol español spagnolo espanhol spaans castellano",
    "it": "italian italienisch italien italiano italiaans",
    "pt": "portuguese portugiesisch portugais portugués portoghese português portugees",
    "nl": "dutch niederländisch néerlandais neerlandés holandés olandese holandês nederlands",
    "sv": "swedish schwedisch suédois sueco svenska", "da": "danish dänisch danois dansk",
    "no": "norwegian norwegisch norvégien norsk", "fi": "finnish finnisch finnois suomi",
    "pl": "polish polnisch polonais polaco polski", "ru": "russian russisch russe ruso русский",
    "zh": "chinese chinesisch chinois chino 中文", "ja": "japanese japanisch japonais 日本語",
    "ar": "arabic arabisch arabe árabe", "tr": "turkish türkisch turc turco türkçe",
    "ko": "korean koreanisch coréen 한국어", "ca": "catalan katalanisch catalán català",
}  # fmt: skip
_CODE_OF = {name: code for code, names in _LANGUAGES.items() for name in names.split()}


def language_code(name: str) -> str:
    """Return the ISO 639-1 code of 'ENGLISH', 'Anglais' or 'FRANÇAIS; FRENCH', '' if unknown."""
    for word in re.split(r"[\s;,/]+", name.lower()):
        if word in _CODE_OF:
            return _CODE_OF[word]
    return ""
