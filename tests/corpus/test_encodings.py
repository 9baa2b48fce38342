"""Text is read in the encoding it is in, whatever is declared of it."""

from __future__ import annotations

import io
from base64 import b64encode
from pathlib import Path

import pytest

from corpus.html.decoding import decode as decode_page
from corpus.reading import read
from corpus.records.xml_elements import elements, line
from corpus.text.encodings import is_plausible
from corpus.text.text import decode

TEXTS = {
    "ru": "Паром на острова снова ходит с понедельника, после одиннадцати недель в доке. Первые"
    " пассажиры стояли у трапа с велосипедами уже в пять часов утра.",
    "uk": "Пором на острови знову ходить з понеділка, після одинадцяти тижнів у доці. Перші"
    " пасажири стояли біля трапа з велосипедами вже о п'ятій ранку.",
    "el": "Το πλοίο για τα νησιά ταξιδεύει ξανά από τη Δευτέρα, μετά από έντεκα εβδομάδες στη"
    " δεξαμενή. Οι πρώτοι επιβάτες περίμεναν με τα ποδήλατά τους από τις πέντε το πρωί.",
    "he": "המעבורת אל האיים מפליגה שוב מאז יום שני, אחרי אחד עשר שבועות במספנה. הנוסעים הראשונים"
    " עמדו ליד הכבש עם האופניים שלהם כבר בחמש בבוקר.",
    "ar": "تبحر العبارة إلى الجزر مرة أخرى منذ يوم الاثنين بعد أحد عشر أسبوعا في الحوض. وقف الركاب"
    " الأوائل عند المنحدر مع دراجاتهم في الخامسة صباحا.",
    "th": "เรือข้ามฟากไปยังเกาะแล่นอีกครั้งตั้งแต่วันจันทร์ หลังจากอยู่ในอู่สิบเอ็ดสัปดาห์ ผู้โดยสารคนแรก"
    "ยืนอยู่ที่ทางลาดพร้อมจักรยานตั้งแต่ตีห้า",
    "zh": "开往群岛的渡轮在船坞停了十一周之后，从周一起恢复航行。第一批乘客清晨五点就推着"
    "自行车站在跳板旁边，等待着久违的汽笛声。",
    "ja": "島々へのフェリーは、十一週間のドック入りを終え、月曜日から再び運航している。"
    "最初の乗客たちは朝五時から自転車とともにタラップのそばに立っていた。",
    "ko": "섬으로 가는 여객선이 열한 주 동안 수리를 받은 뒤 월요일부터 다시 운항하고 있다."
    " 첫 승객들은 새벽 다섯 시부터 자전거와 함께 경사로에 서 있었다.",
    "pl": "Prom na wyspy znów pływa od poniedziałku, po jedenastu tygodniach w doku. Pierwsi"
    " pasażerowie stali już o piątej rano z rowerami, żeby zdążyć na łódź. Święto źródeł.",
    "hu": "A szigetekre tartó komp hétfőtől újra közlekedik, tizenegy hétnyi dokkolás után. Az első"
    " utasok már hajnali ötkor ott álltak a kerékpárjaikkal a rámpánál, fülüket hegyezve őrködtek.",
    "tr": "Adalara giden feribot, tersanede geçirdiği on bir haftadan sonra pazartesiden beri"
    " yeniden çalışıyor. İlk yolcular sabah beşte bisikletleriyle rampada bekliyordu, mutlu.",
    "de": "Die Fähre zu den Inseln fährt seit Montag wieder, nach elf Wochen im Dock. Die ersten"
    " Fahrgäste standen schon um fünf Uhr früh mit ihren Fahrrädern an der Rampe.",
}
ENCODED = [
    ("ru", "cp1251"), ("ru", "koi8-r"), ("uk", "cp1251"), ("el", "cp1253"), ("he", "cp1255"),
    ("ar", "cp1256"), ("th", "cp874"), ("zh", "gb18030"), ("zh", "gbk"), ("ja", "cp932"),
    ("ja", "euc_jp"), ("ko", "cp949"), ("pl", "cp1250"), ("hu", "cp1250"), ("tr", "cp1254"),
    ("de", "cp1252"),
]  # fmt: skip
PAGE = (
    "<html{lang}><head><meta http-equiv='Content-Type' content='text/html; charset={charset}'>"
    "<script>var a = 'b';</script><title>x</title></head><body><div class='a'><p>{text}</p></div>"
    "<a href='/b'>b</a></body></html>"
)


def page(text: str, codec: str, charset: str, lang: str = "") -> bytes:
    lang = f" lang='{lang}'" if lang else ""
    return PAGE.format(lang=lang, charset=charset, text=text).encode(codec)


@pytest.mark.parametrize(("language", "codec"), ENCODED)
@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", "none", "utf-8", "own"])
def test_pages_are_read_whatever_they_declare(language: str, codec: str, declared: str) -> None:
    charset = codec if declared == "own" else declared
    # Latin scripts with few accents need their language to be told from each other.
    lang = language if language in ("pl", "hu", "tr") else ""
    text = TEXTS[language]
    assert f"<p>{text}</p>" in decode_page(page(text, codec, charset, lang))


@pytest.mark.parametrize(
    ("language", "codec", "declared"),
    [("ru", "koi8-r", "windows-1251"), ("ru", "cp1251", "koi8-r"), ("zh", "gbk", "gb2312"),
     ("pl", "cp1250", "iso-8859-1"), ("ja", "cp932", "euc-jp")],
)  # fmt: skip
def test_one_is_told_from_its_neighbour(language: str, codec: str, declared: str) -> None:
    assert TEXTS[language] in decode_page(page(TEXTS[language], codec, declared))


@pytest.mark.parametrize("header", ["text/html; charset=ISO-8859-1", "text/html; charset=koi8-r"])
def test_a_header_is_believed_no_more_than_a_page(header: str) -> None:
    raw = page(TEXTS["ru"], "cp1251", "windows-1251")
    assert TEXTS["ru"] in decode_page(raw, header)


@pytest.mark.parametrize(
    ("language", "codec"), [one for one in ENCODED if one[0] not in ("pl", "hu", "tr")]
)
def test_plain_text_and_feeds_are_read_too(language: str, codec: str) -> None:
    text = TEXTS[language]
    assert decode(text.encode(codec)) == text
    feed = f"<rss><channel><item><title>{text}</title></item></channel></rss>"
    (item,) = elements(io.BytesIO(feed.encode(codec)), "item")
    assert line(item) == text
    wrong = f"<?xml version='1.0' encoding='iso-8859-1'?>{feed}".encode(codec)
    (item,) = elements(io.BytesIO(wrong), "item")
    assert line(item) == text


@pytest.mark.parametrize(("language", "codec"), ENCODED)
def test_every_text_is_plausible_and_mojibake_is_not(language: str, codec: str) -> None:
    text = TEXTS[language]
    assert is_plausible(text)
    if language not in ("tr", "de", "hu"):
        assert not is_plausible(text.encode(codec).decode("cp1252", "replace"))


def test_mail_that_says_how_hebrew_is_ordered_is_read(tmp_path: Path) -> None:
    raw = "הכבשן בנמל".encode("iso-8859-8")
    subject = b64encode(raw).decode()
    head = (
        f"From: a@harrow.example\nSubject: =?iso-8859-8-i?B?{subject}?=\n"
        "Content-Type: text/plain; charset=iso-8859-8-i\nContent-Transfer-Encoding: 8bit\n\n"
    )
    (tmp_path / "a.eml").write_bytes(head.encode() + raw + b"!\n")
    (article,) = read([tmp_path / "a.eml"], lambda skip: pytest.fail(skip.reason))
    assert (article.title, article.body) == ("הכבשן בנמל", ("הכבשן בנמל!",))
