"""The ways content systems wrap a body: the same paragraphs must come out of each.

Every shape takes the article's paragraphs and puts furniture around and among them; what is read
is compared with what went in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest

from corpus.core.errors import UnreadableError
from corpus.html.flatten import flatten
from corpus.html.tree import parse_tree
from corpus.readers.html import parse_page

TITLE = "Harbour bridge is delayed again"
HEAD = f'<html lang="en"><head><meta property="og:title" content="{TITLE}"></head><body>'
BODY = [
    "The bridge across the harbour will not open before the spring, the council said on Monday.",
    "It had promised the summer, then the autumn, and in October it stopped promising anything.",
    "Engineers found a crack in the third pillar, no wider than a coin and as long as a bus.",
    "“Nobody will drive over it until I have walked over it,” said Ada Pell, who leads the work.",
    "The delay costs four million crowns a month, half of it for the ferry that runs meanwhile.",
    "Ferry passengers are used to waiting. Some of them have begun to bring chairs to the quay.",
    "A new survey of all nine pillars is to start this week, if the weather lets the divers down.",
    "The council will meet again on Thursday to hear what the first of those dives has shown.",
]
TEASER = (
    "<h4><a href=/x>Goat in bank vault</a></h4><p>A goat was found on Saturday in the vault.</p>"
)
OTHER = "A storm has closed the coast road for the third day, and the lifeboat has been out twice."


def p(texts: Sequence[str], attributes: str = "") -> str:
    return "".join(f"<p {attributes}>{text}</p>" for text in texts)


def companion_columns(b: Sequence[str]) -> str:
    def column(texts: Sequence[str]) -> str:
        return f'<div class="css-1 CompanionColumn"><div>{p(texts)}</div></div>'

    return (
        f"<main><article id=story><header><h1>{TITLE}</h1></header>"
        f'<section name="articleBody">{column(b[:2])}<figure><figcaption>The third pillar'
        f"<span>Jo Vane for the Star</span></figcaption></figure>{column(b[2:5])}"
        '<div class="css-ad"><p>Advertisement</p><a>Continue reading the main story</a></div>'
        f"{column(b[5:])}</section><div><p>Follow Jane Doe on Twitter: <a>@jane</a>.</p><p>A"
        f" version"
        " of this article appears in print on May 15, Section A.</p></div></article></main>"
    )


def rich_links(b: Sequence[str]) -> str:
    return (
        f'<article><h1 itemprop="headline">{TITLE}</h1><div'
        f' class="content__article-body">{p(b[:3])}'
        '<aside class="element-rich-link"><h1>Why bridges crack</h1><div>Read more</div></aside>'
        f'{p(b[3:])}<div class="submeta"><span>Topics</span><ul><li><a>Bridges</a></li></ul></div>'
        f'</div><div class="contributions"><h2>Since you’re here</h2><p>{OTHER}</p></div></article>'
    )


def paragraph_divs(b: Sequence[str]) -> str:
    divs = "".join(f'<div class="zone__paragraph">{text}</div>' for text in b[1:])
    return (
        f'<article><h1>{TITLE}</h1><p class="update-time">Updated 14:23, May 14, 2019</p>'
        f'<section id="body-text"><p class="zone__paragraph speakable">{b[0]}</p>{divs}'
        f'<div class="zone__paragraph">READ MORE: <a href=/y>Why bridges crack</a></div></section>'
        f'</article><div class="zone-related"><p>{OTHER}</p></div>'
    )


def attribution_below(b: Sequence[str]) -> str:
    return (
        f'<div class="StandardArticle_container"><h1>{TITLE}</h1><p class="reading-time">3 Min Read'
        f'</p><div class="StandardArticleBody_body">{p(b[:4])}<div class="Image_container"><div'
        f' class="Image_caption">FILE PHOTO: The quay. AGENCY/Jo'
        f" Vane</div></div>{p(b[4:])}</div></div>"
        f'<div class="MoreFrom"><h2>More from us</h2><p>{OTHER}</p></div>'
    )


def blocks_of_a_builder(b: Sequence[str]) -> str:
    def block(texts: Sequence[str]) -> str:
        inner = f'<div class="sqs-block-content">{p(texts)}</div>'
        return f'<div class="sqs-block html-block">{inner}</div>'

    return (
        f'<article class="entry"><h1 class="entry-title">{TITLE}</h1><div class="e-content"><div'
        f' class="row"><div class="col">{block(b[:2])}{block(b[2:3])}<div class="row"><div'
        f' class="col">{block(b[3:6])}</div></div>{block(b[6:])}</div></div></div></article>'
        f"<div class=site-bottom><p>{OTHER}</p></div>"
    )


def sections_of_a_builder(b: Sequence[str]) -> str:
    def section(texts: Sequence[str]) -> str:
        inner = f'<div class="elementor-text-editor elementor-clearfix">{p(texts)}</div>'
        for name in ("widget-container", "widget", "widget-wrap", "column", "row", "container"):
            inner = f'<div class="elementor-{name}">{inner}</div>'
        return f'<section class="elementor-section">{inner}</section>'

    return (
        f'<div class="elementor"><div><section><h1>{TITLE}</h1></section>{section(b[:1])}'
        f"{section(b[1:4])}{section(b[4:6])}{section(b[6:])}</div></div>"
        f'<div class="elementor-location-footer"><p>{OTHER}</p></div>'
    )


def component_per_paragraph(b: Sequence[str]) -> str:
    def text(texts: Sequence[str]) -> str:
        return "".join(f'<div class="text parbase section">{p([one])}</div>' for one in texts)

    return (
        f'<div class="page"><div class="par parsys"><div class="title'
        f' section"><h1>{TITLE}</h1></div>'
        f'{text(b[:4])}<div class="reference section"><h4><a href=/x>Why bridges'
        f" crack</a></h4></div>"
        f'{text(b[4:])}</div><div class="col side">{TEASER}{TEASER}</div></div>'
    )


def divs_and_breaks(b: Sequence[str]) -> str:
    lines = "<div><br></div>".join(f"<div><span>{text}</span></div>" for text in b)
    return (
        f"<div id=outer><div id=hd><a href=/>My blog</a></div><h2>{TITLE}</h2><div class=dt>14 May"
        f" 2019</div><div id=txt>{lines}</div><div class=f>posted by Jane | <a>3 comments</a></div>"
        "<ul><li><a href=/1>Older</a></li><li><a href=/2>Newer</a></li></ul></div>"
    )


def generated_names(b: Sequence[str]) -> str:
    return (
        f'<div class="_1a"><article class="_qE"><div class="_x"><h1'
        f' class="_t">{TITLE}</h1></div><div'
        f' class="_y"><ul><li>Jane Doe</li><li>May 14, 2019</li><li>2 min read</li></ul></div><div'
        f' class="_z">{p(b, "class=mm8N")}</div><div class="_k"><span>12'
        f" views</span></div></article>"
        f'<div class="_rp"><span>Recent Posts</span><a>See All</a><article><a><h2>Goat'
        f" found</h2></a>"
        f"</article></div></div><div><p>{OTHER}</p></div>"
    )


def no_names_at_all(b: Sequence[str]) -> str:
    return (
        f"<div><div>{TEASER}</div><div>{TEASER}</div></div><div><h1>{TITLE}</h1><p>By Jane Doe,"
        f" May 14,"
        f" 2019</p>{p(b)}<p><a href=/3>Read the full report here</a></p></div><div><h3>More from"
        f" this"
        f" section</h3><div>{TEASER}</div></div>"
    )


def two_parts(b: Sequence[str]) -> str:
    return (
        f"<article><h1>{TITLE}</h1><div class=intro-text>{p(b[:2])}</div><div class=ad-break><p>"
        f"Advertisement</p></div><div class='more-text collapsed'>{p(b[2:])}</div></article>"
        f"<div class='col side'>{TEASER}</div>"
    )


def short_article_many_comments(b: Sequence[str]) -> str:
    comments = "".join(
        f"<div class=item><b>user{n}</b><div><p>{OTHER} ({n})</p></div></div>" for n in range(20)
    )
    return (
        f"<div id=c><div class=hd><h1>{TITLE}</h1></div><div class=entry-content>{p(b)}</div>"
        f"<div class=ugc>{comments}</div></div>"
    )


def unclosed_header(b: Sequence[str]) -> str:
    return (
        f"<header class=top><nav><a href=/>Home</a></nav><h1>{TITLE}</h1><div class=entry-content>"
        f"{p(b)}</div><footer><p>{OTHER}</p></footer>"
    )


def form_around_everything(b: Sequence[str]) -> str:
    return (
        f"<form id=aspnetForm><div class=menu><a"
        f" href=/>Home</a></div><table><tr><td><h1>{TITLE}</h1>"
        f"{p(b)}</td><td class=sidebar>{TEASER}</td></tr></table></form>"
    )


def box_that_sells(b: Sequence[str]) -> str:
    return (
        f"<article><h1>{TITLE}</h1>{p(b)}<div class=box><h3>Keep reading with a free trial</h3>"
        "<p>Four weeks for nothing, and then nine crowns a month, which you can end when you like."
        "</p><p>Those who pay already can go on from here with their number.</p></div></article>"
    )


def headlines_with_a_line_each(b: Sequence[str]) -> str:
    return (
        f"<article><h1>{TITLE}</h1><div class=body>{p(b)}<p><b>More from the coast</b></p>"
        "<p><a href=/1>Goat in bank vault is freed by a locksmith</a></p><p>It had eaten the"
        " forms that are to be filled in for that.</p><p><a href=/2>Ferry has a new horn, and"
        " nobody likes it</a></p><p>It can be heard in three parishes.</p></div></article>"
    )


def second_page_inside(b: Sequence[str]) -> str:
    return (
        "<div class=top><a href=/>Home</a></div><html lang=en><head><title>x</title></head><body>"
        f"<article><h1>{TITLE}</h1>{p(b)}</article></body></html><div class=end>{TEASER}</div>"
    )


def ends_before_it_begins(b: Sequence[str]) -> str:
    return (
        "<nav><a href=/>Home</a></nav></body></html><!doctype html><div class=page>"
        f"<h1>{TITLE}</h1>{p(b)}</div>"
    )


def unclosed_button(b: Sequence[str]) -> str:
    return (
        f"<header><button class=menu>Menu<nav><a href=/>Home</a></nav></header><main>"
        f"<article><h1>{TITLE}</h1>{p(b)}</article></main>"
    )


def quotation_in_figure(b: Sequence[str]) -> str:
    quotation = f"<figure class=wp-block-quote><blockquote>{p(b[3:4])}</blockquote></figure>"
    return f"<article><h1>{TITLE}</h1>{p(b[:3])}{quotation}{p(b[4:])}</article>"


def words_in_tags_of_their_own(b: Sequence[str]) -> str:
    texts = [text.replace("week", "<news-term class=ref>week</news-term>") for text in b]
    return f"<article><h1>{TITLE}</h1>{p(texts)}</article>"


def most_of_it_headings(b: Sequence[str]) -> str:
    headings = "".join(f"<h4>{text}</h4>" for text in b[2:])
    return f"<article><h1>{TITLE}</h1><div>{p(b[:2])}{headings}</div></article>"


def unclosed_link(b: Sequence[str]) -> str:
    return f"<div class=story><h1>{TITLE}</h1><a name=top href=/x>{p(b)}</div>{TEASER}"


def unclosed_link_and_breaks(b: Sequence[str]) -> str:
    return f"<div class=story><h1>{TITLE}</h1><a href=/x>{'<br><br>'.join(b)}</div>{TEASER}"


def for_browsers_without_frames(b: Sequence[str]) -> str:
    return (
        "<frameset cols='20%,80%'><frame src=menu.html><frame src=story.html><noframes><body>"
        f"<p><a href=/>Home</a></p><h1>{TITLE}</h1>{p(b)}</body></noframes></frameset>"
    )


def shadow_root(b: Sequence[str]) -> str:
    return (
        "<news-story><template shadowrootmode=open><style>p{color:teal}</style>"
        f"<div><h1>{TITLE}</h1>{p(b)}</div></template></news-story>{TEASER}"
    )


def template_to_be_shown(b: Sequence[str]) -> str:
    return f"<div id=app></div><template id=story><h1>{TITLE}</h1>{p(b)}</template>"


def unclosed_icon(b: Sequence[str]) -> str:
    return f"<div><svg><path d=M0><h1>{TITLE}</h1>{p(b)}</div>{TEASER}"


def unclosed_map(b: Sequence[str]) -> str:
    return f"<map name=top><area href=/><div><h1>{TITLE}</h1>{p(b)}</div>{TEASER}"


def in_script(state: object) -> str:
    return f"<div id=root></div><script>window.__STATE__ = {json.dumps(state)};</script>"


def state_of_markup(b: Sequence[str]) -> str:
    other = {"title": "Goat in bank vault", "body": p([OTHER] * 30)}
    story = {"headline": TITLE, "body": p(b), "comments": [{"text": OTHER}]}
    return in_script({"page": {"more": [other], "story": story}})


def state_of_elements(b: Sequence[str]) -> str:
    elements = [{"type": "text", "content": text} for text in b]
    return in_script({"headlines": {"basic": TITLE}, "content_elements": elements})


def state_of_runs(b: Sequence[str]) -> str:
    blocks = [
        {"type": "paragraph", "content": [{"text": text[:20]}, {"mark": "bold", "text": text[20:]}]}
        for text in b
    ]
    stub = f"<main><h1>{TITLE}</h1><p>{b[0]}</p><p>Subscribe to read on.</p></main>"
    return stub + in_script({"title": TITLE, "body": {"type": "doc", "content": blocks}})


def state_beside_its_title(b: Sequence[str]) -> str:
    story = {"meta": {"title": TITLE}, "content": {"text": "\n\n".join(b)}}
    return f'<div id=root></div><script type="application/json">{json.dumps(story)}</script>'


def state_in_a_string(b: Sequence[str]) -> str:
    text = json.dumps(json.dumps({"title": TITLE, "text": p(b)}))
    return f"<div id=root></div><script>var store = JSON.parse({text}), other = {{}};</script>"


SHAPES: tuple[Callable[[Sequence[str]], str], ...] = (
    companion_columns,
    rich_links,
    paragraph_divs,
    attribution_below,
    blocks_of_a_builder,
    sections_of_a_builder,
    component_per_paragraph,
    divs_and_breaks,
    generated_names,
    no_names_at_all,
    two_parts,
    short_article_many_comments,
    unclosed_header,
    form_around_everything,
    box_that_sells,
    headlines_with_a_line_each,
    second_page_inside,
    ends_before_it_begins,
    unclosed_button,
    quotation_in_figure,
    words_in_tags_of_their_own,
    most_of_it_headings,
    unclosed_link,
    unclosed_link_and_breaks,
    for_browsers_without_frames,
    shadow_root,
    template_to_be_shown,
    unclosed_icon,
    unclosed_map,
    state_of_markup,
    state_of_elements,
    state_of_runs,
    state_beside_its_title,
    state_in_a_string,
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_the_same_text_comes_out_of_every_shape(shape: Callable[[Sequence[str]], str]) -> None:
    article = parse_page(HEAD + shape(BODY) + "</body></html>")
    assert article.title == TITLE
    assert list(article.body) == BODY


@pytest.mark.parametrize("state", [{"title": "Goat in bank vault"}, {"name": "x"}, [], "x", 1])
def test_the_state_of_scripts_is_read_for_the_article_of_the_page_only(state: object) -> None:
    record = {**state, "body": p(BODY)} if isinstance(state, dict) else [state, p(BODY)]
    with pytest.raises(UnreadableError, match="no text of its own"):
        parse_page(HEAD + in_script(record) + "</body></html>")


def test_what_a_page_shows_goes_before_the_state_of_its_scripts() -> None:
    stale = in_script({"title": TITLE, "body": p(BODY[:4])})
    assert list(parse_page(f"{HEAD}<h1>{TITLE}</h1>{p(BODY)}{stale}").body) == BODY


def test_the_state_of_a_script_is_read_in_bounds() -> None:
    deep = "[" * 100_000
    wide = json.dumps({"title": TITLE, "body": [[]] * 100_000})
    for script in (f"a={deep}", f"a={wide}", "a={" * 10_000, 'a="' + "x" * 1000):
        with pytest.raises(UnreadableError, match="no text of its own"):
            parse_page(f"{HEAD}<script>{script}</script>")


def test_a_table_between_paragraphs_is_text() -> None:
    table = "<table class=facts><tr><th>Pillars</th><td>nine, of granite</td></tr></table>"
    article = parse_page(
        f"{HEAD}<article><h1>{TITLE}</h1><div>{p(BODY[:2])}{table}{p(BODY[2:4])}</div></article>"
    )
    assert [line for line in article.body if line not in BODY] == ["Pillars | nine, of granite"]


@pytest.mark.parametrize("around", ["{}", '<figure class="wp-block-table">{}</figure>'])
@pytest.mark.parametrize("behind", [1, 4])
def test_a_table_of_figures_is_text_wherever_it_stands(around: str, behind: int) -> None:
    """A row a line, its numbers with it."""
    rows = [("Span", "Tons"), ("First", "1,870"), ("Second", "94")]
    cells = "".join("<tr>" + "".join(f"<td>{one}</td>" for one in row) + "</tr>" for row in rows)
    table = around.format(f"<table>{cells}</table>")
    article = parse_page(
        f"{HEAD}<article><h1>{TITLE}</h1>{p(BODY[:behind])}{table}{p(BODY[behind:4])}</article>"
    )
    added = [line for line in article.body if line not in BODY]
    assert added == ["Span | Tons", "First | 1,870", "Second | 94"]


def test_the_comments_in_code_are_no_readers_comments() -> None:
    code = "<pre><span class='token comment'># Open the lock.</span>\ngate --up 3\n</pre>"
    article = parse_page(f"{HEAD}<article><h1>{TITLE}</h1>{p(BODY[:3])}{code}{p(BODY[3:])}")
    assert [line for line in article.body if line not in BODY] == ["# Open the lock. gate --up 3"]


def test_a_line_around_an_element_of_the_author_stays_whole() -> None:
    root = parse_tree('<div>Von <span class="author">Jane Doe</span> am 4. Mai 2021</div>')
    (line,) = flatten(root).blocks
    assert line.text == "Von Jane Doe am 4. Mai 2021"
    assert len(line.marks) == 1


def test_an_indented_line_begins_a_paragraph() -> None:
    lines = [
        f"\u3000橋の工事は{month}月まで続く見込みだと、町の技師が話した。" for month in "四五六"
    ]
    markup = "<br>\n".join(lines)
    article = parse_page(f"<html lang=ja><body><h1>橋の工事</h1><div>{markup}</div></body></html>")
    assert list(article.body) == [line.strip() for line in lines]
