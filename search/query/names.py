"""Names of languages, so that ``lang:german`` and ``lang:Deutsch`` are ``lang:de``."""

from __future__ import annotations

from indexer.analysis.analyser import fold

_NAMES = {
    "ar": "arabic العربية", "bg": "bulgarian български", "ca": "catalan català",
    "cs": "czech čeština", "da": "danish dansk", "de": "german deutsch", "el": "greek ελληνικά",
    "en": "english", "es": "spanish español castellano", "et": "estonian eesti",
    "eu": "basque euskara", "fa": "persian farsi فارسی", "fi": "finnish suomi",
    "fr": "french français", "ga": "irish gaeilge", "he": "hebrew עברית", "hi": "hindi हिन्दी",
    "hr": "croatian hrvatski", "hu": "hungarian magyar", "id": "indonesian indonesia",
    "it": "italian italiano", "ja": "japanese 日本語", "ko": "korean 한국어",
    "lt": "lithuanian lietuvių", "lv": "latvian latviešu", "nl": "dutch nederlands",
    "no": "norwegian norsk", "pl": "polish polski", "pt": "portuguese português",
    "ro": "romanian română", "ru": "russian русский", "sk": "slovak slovenčina",
    "sl": "slovenian slovenščina", "sr": "serbian српски srpski", "sv": "swedish svenska",
    "tr": "turkish türkçe", "uk": "ukrainian українська", "vi": "vietnamese",
    "zh": "chinese 中文",
}  # fmt: skip
"""English and own names, by ISO 639-1 code."""

_CODES = {fold(name): code for code, names in _NAMES.items() for name in names.split()}


def language_code(name: str) -> str:
    """Return the code of a language by its English or its own name, else what was given."""
    return _CODES.get(fold(name), name)
