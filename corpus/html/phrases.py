"""What publishers write around their articles: the wording of furniture, as data.

Patterns for whole paragraphs and headings, in the languages news is most read in.
`is_boilerplate` tells what is boilerplate wherever it stands, `ENDINGS` are headings after which
nothing of the article follows, `OPENINGS` are lines above an article's first sentence, `CLOSINGS`
lines below its last.
"""

from __future__ import annotations

import re

LONGEST_PHRASE = 400


class _Phrases:
    """Alternatives in lower case: to lower a text is faster than to match it in both cases."""

    __slots__ = ("_pattern", "_words")

    def __init__(self, *alternatives: str, words: str = "") -> None:
        """Take patterns; each match of them has one of the `words`, if given: few texts have."""
        self._pattern = re.compile("|".join(alternatives))
        self._words = words.split()

    def match(self, text: str) -> bool:
        """Tell whether a text begins with one of them."""
        return self._pattern.match(text.lower()) is not None

    def search(self, text: str) -> bool:
        """Tell whether one of them is in a text."""
        lower = text.lower()
        return (
            not self._words or any(word in lower for word in self._words)
        ) and self._pattern.search(lower) is not None


_END = r"\s*[:.!…»>→\-–]*\s*$"

BOILERPLATE_STARTS = _Phrases(
    # Pointers to other articles.
    r"^[\[(•»►>*]*\s*(?:read (?:more|also|next|full|on|the full)\b|also read\b|more on this\b"
    r"|(?:see|read|watch|view|look|listen)(?: (?:also|this|here|now|more))? ?[:|–—>»]"
    r"|see also\b|(?:you (?:may|might) also (?:like|enjoy|be interested|want to read)\b)"
    r"|(?:don'?t|do not) miss ?[:!]|(?:related|recommended|trending|must read|more|more from|"
    r"further reading|in case you missed it|icymi|up next)"
    r"(?: (?:stories|story|articles?|posts?|news|links?|content|reading|coverage|topics?|reads?|"
    r"video|videos))? ?:)",
    r"^(?:related|recommended|more|popular|latest|top|trending|similar|other|suggested)"
    r" (?:stories|story|articles?|posts?|news|links?|content|reading|coverage|topics?|reads?|"
    r"videos?|from .{2,40}|for you|headlines)" + _END,
    r"^(?:lesen sie (?:auch|hier|mehr|dazu|jetzt|weiter)\b|lesen sie .{0,60}(?: hier)?:$"
    r"|mehr (?:zum thema|dazu|aus|über|lesen)\b.{0,60}$|(?:auch|weiter) interessant ?:"
    r"|(?:das könnte (?:sie|dich)|das könnte) .{0,40}interessieren|zum weiterlesen ?:"
    r"|weitere (?:artikel|themen|nachrichten|beiträge|infos|meldungen)\b.{0,40}$"
    r"|siehe auch ?:|lies auch\b|passend dazu ?:)",
    r"^(?:(?:à|a) lire (?:aussi|également|ensuite)\b|lire (?:aussi|également|la suite)\b"
    r"|voir aussi\b|sur le même (?:sujet|thème)|en savoir plus" + _END + ")",
    r"^(?:lea (?:también|además|más)\b|lee (?:también|además|más)\b|(?:te|le) puede interesar\b"
    r"|también te puede interesar|ver también|vea (?:también|además)|más información"
    + _END
    + r"|noticias? relacionadas?|te recomendamos|además ?:$)",
    r"^(?:leia (?:também|mais)\b|veja (?:também|mais|ainda)\b|saiba mais\b|confira também)",
    r"^(?:leggi (?:anche|tutto)\b|potrebbe interessarti|lees (?:ook|verder|meer)\b"
    r"|läs (?:också|även|mer)\b|les også\b|læs også\b|lue myös\b|czytaj (?:też|także|więcej)\b"
    r"|zobacz (?:też|także)\b|čtěte (?:také|též)\b|читайте (?:также|еще|ещё|далее)\b"
    r"|lasī(?:t|ti) arī\b|ayrıca okuyun|baca juga\b|關連|関連(?:記事|ニュース)"
    r"|相关(?:阅读|新闻|报道))",
    # Advertising.
    r"^[\[(-]*\s*(?:advertisements?|ads?|anzeige|werbung|publicidad|publicité|pubblicità"
    r"|publicidade|advertentie|annons|annonse|reklama?|реклама|sponsored(?: content)?|promoted)"
    r"\s*[\])-]*" + _END,
    r"^anzeige\s*[-–:]",
    # Pleas for support.
    r"^while you(?:'re|’re| are) here\b",
    # Sharing and following.
    r"^(?:share|tweet|pin|email|print|save|like|follow|subscribe|comment|reply|send|copy link)"
    r"(?:\s+(?:this|it|on|via|us|now|article|story|post|page|link|with|by|to|facebook|twitter|"
    r"whatsapp|email|linkedin|reddit|pinterest|friends?|your|a|the|the love|and))*" + _END,
    r"^(?:follow|find|like|join|visit|connect with) (?:us|me|him|her|them|@\w+|the .{2,30}|.{2,30})"
    r" on (?:facebook|twitter|instagram|x|whatsapp|telegram|youtube|linkedin|google news|tiktok)",
    r"^(?:teilen|teile diesen|compartir|partager|compartilhe?|condividi|delen|dela|udostępnij"
    r"|поделиться|diesen artikel teilen|artikel (?:teilen|drucken|bewerten))\b.{0,40}$",
    r"^(?:folgen sie|folge uns|síguenos|siga(?:-nos)?|nos siga|suivez-nous|seguici)\b.{0,100}$",
    r"^(?:facebook|twitter|whatsapp|linkedin|pinterest|reddit|email|e-mail|telegram|tumblr|print|"
    r"messenger|flipboard|google\+?|instagram|xing|pocket|\W|\s)+$",
    r"^\d[\d.,]*[km]?\s*(?:shares?|comments?|views?|likes?|reads?|kommentare?|comentarios?"
    r"|commentaires?|replies)" + _END,
    # Newsletters, subscriptions, consent.
    r"^(?:sign[ -]?up|subscribe|register|join|get|enter|receive)\b.{0,120}\b(?:newsletters?|inbox"
    r"|email|e-mail|updates|alerts?|mailing list|daily (?:briefing|headlines)|youtube channel"
    r"|our (?:channel|podcast))\b.{0,120}$",
    r"^(?:subscribe|sign in|log ?in|register|become a (?:member|subscriber)|start your free trial)"
    r"\b.{0,60}(?:to (?:continue|read|keep|get|unlock|access)|now|today|here)\b.{0,60}$",
    r"^(?:by (?:signing|clicking|subscribing|submitting|registering|providing))\b.{0,200}"
    r"\b(?:agree|consent|acknowledge|accept|confirm)",
    r"^(?:newsletter|abonnieren sie|jetzt (?:abonnieren|anmelden|registrieren)"
    r"|melden sie sich .{0,40}newsletter|suscríbete|suscríbase|inscrivez-vous|abonnez-vous"
    r"|assine|iscriviti)\b.{0,140}$",
    r"^(?:this (?:content|article|story) is (?:only )?(?:available )?(?:for|to)"
    r" (?:subscribers|members)|already (?:a (?:subscriber|member)|registered|have an account)"
    r"|you have (?:reached|read) .{0,40}(?:limit|free articles?)"
    r"|(?:unlock|continue) (?:this|reading)"
    r"|to (?:continue|keep) reading,? )",
    # Rights and machinery.
    r"^(?:©|\(c\)\s|copyright\b).{0,200}$"
    r"|^todos los derechos reservados|^tous droits réservés|^reproduction in whole or in part",
    r"^(?:loading|bitte warten|cargando|chargement|please wait|play video|play|pause|mute"
    r"|watch (?:the )?video|video|photos?|gallery|slideshow|listen|zoom|close|menu|home|back to top"
    r"|top|top of page|next|previous|next article|previous article|skip to .{0,30}|expand|more"
    r"|show more|mehr anzeigen|weniger anzeigen|mehr lesen|ver más"
    r"|voir plus|load more|see all|view all|view (?:full )?gallery|show caption|hide caption)"
    + _END,
    r"^(?:leave a (?:comment|reply)|(?:post|write|add|view|show|read|be the first to)"
    r" (?:a |all |the )?comments?|no comments?(?: yet)?|comments?(?: are closed)?|comments? \(\d+\)"
    r"|comments are (?:closed|off)\b.{0,40}|join the (?:conversation|discussion)\b.{0,60}"
    r"|what do you think\?|kommentare?|kommentar schreiben|comentarios|commentaires)" + _END,
    r"^(?:filed under|posted (?:in|on|by|under)|tags?|tagged(?: with)?|categories|category|topics?"
    r"|keywords|labels|schlagw(?:o|ö)rter|themen|etiquetas|mots[- ]clés|теги|метки)\s*:.{0,300}$",
    r"^(?:download (?:the|our) .{0,40}app\b|get our app"
    r"|available on (?:google play|the app store))",
    r"^(?:send (?:us )?(?:tips|a letter)|got a (?:tip|story)\b|have a (?:tip|story)\b"
    r"|contact (?:the (?:author|editor|newsroom)|us at)\b|(?:to )?report a (?:typo|correction)\b"
    r"|e-?mail the (?:author|editor)|mail the editor|fehler (?:gefunden|melden)).{0,140}$",
    r"^(?:page|seite|página|pagina) \d+ (?:of|von|de|di|/) \d+\W*$"
    r"|^(?:next|previous|nächste|letzte) (?:page|seite)\b.{0,40}$|^continue(?:d)? (?:to"
    r"|on) (?:the )?(?:next )?page\b.{0,20}$",
    r"^click here\b.{0,120}$|^click (?:on|to)\b.{0,60}\b(?:enlarge|view|read|subscribe|watch|listen"
    r"|expand|share|print|email|download|zoom)\b.{0,60}$",
    r"^(?:see more about|more about|more on|more in|mehr über|más sobre)\b[^.!?]{0,60}$",
)
"""Paragraphs that begin like this are boilerplate wherever they stand."""

BOILERPLATE_WITHIN = _Phrases(
    r"(?:article|story|content) continues (?:below|after)|continue reading (?:below|the main)"
    r"|scroll (?:down )?(?:to|for) (?:continue|read more|more)|story continues below",
    r"\b(?:consider (?:supporting|donating|making a (?:donation|contribution)|becoming a"
    r" (?:member|subscriber|patron|supporter)|subscribing)"
    r"|support (?:our|independent|quality|local)"
    r" (?:work|journalism|reporting|newsroom)"
    r"|we (?:rely|depend) on (?:readers|your)"
    r"|reader-supported)\b",
    r"\b(?:we|this (?:web)?site) uses? cookies\b|\bprotected by recaptcha\b"
    r"|\bakismet\b|\bplease enable (?:javascript|cookies)\b|javascript is (?:disabled|required)"
    r"|\byour browser (?:does not|doesn'?t) support\b"
    r"|\bbrowser needs javascript\b|\benable-javascript\.com\b"
    r"|\baffiliate (?:links?|commission)\b",
    r"\ball rights reserved\b|\balle rechte vorbehalten\b",
    words="continue scroll consider support rely depend cookie captcha akismet javascript browser"
    " affiliate reserved vorbehalten",
)
"""Words that make a short paragraph boilerplate wherever they stand in it."""


ENDINGS = _Phrases(
    r"^(?:about (?:the )?(?:authors?|writer|us)|author(?:'s)? (?:bio|profile|note)"
    r"|über (?:den|die) autor(?:in|en)?|zur person|sobre (?:el autor|la autora|o autor)"
    r"|(?:related|recommended|more|latest|popular|similar|other|trending|most (?:read|popular))"
    r" (?:stories|articles?|posts?|news|content|coverage|links|reading)"
    r"|related|read next|up next|you may also like|recommended(?: for you)?|more from .{2,40}"
    r"|more stories|what to read next|most popular|trending(?: now)?|editors?'? picks?"
    r"|leave a (?:reply|comment)|comments?|latest posts(?: by .{2,40})?"
    r"|\d+ (?:comments|responses|replies|thoughts on .*)"
    r"|kommentare?|diskussion|share this(?:\b.{0,30})?|share|like this|tags|topics|newsletter"
    r"|das könnte (?:sie|dich) (?:auch )?interessieren|mehr zum thema|weitere artikel"
    r"|auch interessant|ähnliche (?:artikel|beiträge)|lesen sie auch"
    r"|noticias relacionadas|artículos relacionados|te puede interesar|más noticias"
    r"|articles (?:liés|similaires)|à lire (?:aussi|également)|sur le même sujet"
    r"|leia também|veja também|mais lidas|leggi anche|articoli correlati)" + _END,
    # What asks readers to subscribe before they read on.
    r"^(?:(?:continue|keep|go on) reading|read (?:on|the rest|the full (?:story|article)))\b"
    r".{0,40}\b(?:subscri\w+|member\w*|free|account|trial|offer|for)\b",
    r"^(?:subscribe|become a (?:member|subscriber)|sign (?:in|up)|log in|register)\b.{0,20}"
    r"\bto (?:read|continue|keep|go on|unlock|access|get)\b",
    r"^this (?:article|story) is (?:only )?(?:for|available to|exclusive to) (?:our )?"
    r"(?:subscri|memb)",
    r"^(?:jetzt |hier )?(?:weiterlesen|vollen artikel lesen|artikel freischalten)\b"
    r".{0,40}\b(?:mit|abo\w*|plus|testen|gratis|kostenlos)\b",
    r"^(?:lire la suite|continuez? (?:la|votre) lecture|sigue leyendo|continúa leyendo"
    r"|continue lendo|continua a leggere|lees verder|läs vidare|les videre|læs videre)\b"
    r".{0,40}\b(?:abonn\w+|suscri\w+|assin\w+|abbon\w+|prenumer\w+|gratis|gratuit\w*)",
)
"""Headings, or short paragraphs, after which nothing of the article follows."""

FINAL_ENDINGS = _Phrases(
    r"^(?:about (?:the )?(?:authors?|writer)|über (?:den|die) autor|sobre (?:el autor|la autora)"
    r"|latest posts|leave a (?:reply|comment)|comments?\b|\d+ (?:comments|responses|replies)"
    r"|kommentare?\b)"
)
"""Those of them that never stand in the middle of an article."""

OPENINGS = _Phrases(
    r"^(?:by|von|por|par|di|door|av|af|text|written by|posted by|reported by|from|story by"
    r"|words by)"
    r"[:\s]+[^.!?]{2,80}$",
    r"^(?:published|updated|posted|last (?:updated|modified)|first published|created|date|modified"
    r"|veröffentlicht|aktualisiert|stand|publicado|actualizado|publié|mis à jour|pubblicato"
    r"|atualizado|gepubliceerd|erstellt am|on)\b[^.!?]{0,80}$",
    r"^\W*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun)?[,.\s]*"
    r"(?:\d{1,2}(?:st|nd|rd|th)?[ .,/-]+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
    r"[ .,]+(?:\d{1,2}(?:st|nd|rd|th)?[ .,]+)?\d{4}\b.{0,40}$",
    r"^\W*\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b[^.!?]{0,40}$",
    r"^\d+\s*(?:min(?:ute)?s?|minuten|minutos)\.?(?:\s*(?:read|lesezeit|de lectura))?$"
    r"|^(?:reading time|lesedauer|lesezeit|estimated reading)\b.{0,40}$",
    r"^(?:listen to (?:this )?article|artikel (?:anhören|vorlesen)|play audio|text size|font size"
    r"|print|share|save|a[+-](?:\s*a[+-])*)\b.{0,40}$",
)
"""Lines above an article's first sentence: bylines, dates, reading times."""

CREDIT_LINE = _Phrases(
    r"^\W*(?:photos?|image|picture|pic|foto|bild|fotos?|credits?|source|quelle|photograph|crédit|"
    r"foto de|imagen|video|illustration|graphic|photo illustration|featured image|symbolbild|"
    r"file photo|pictured)"
    r"(?: (?:by|credit|courtesy(?: of)?|via|source|von|de|:))* ?[:/|©–-] ?.{0,120}$",
    r"^\(?(?:photo|image|picture|illustration|pictures|photos|screenshot|video|file photo)"
    r" (?:by|credit|courtesy|via|from)\b.{0,120}\)?$",
    r"^.{0,60}(?:/|via )\s*(?:getty(?: images)?|afp|reuters|ap(?: photo)?|epa|dpa|shutterstock"
    r"|istock(?:photo)?|flickr|bloomberg|pa|zuma|rex|imago|picture alliance|adobe ?stock|"
    r"unsplash|pixabay|pexels|alamy|wikimedia(?: commons)?)\b.{0,40}$",
    r"^\(?(?:getty(?: images)?|afp|reuters|ap(?: photo)?|shutterstock|istock|wikimedia commons)"
    r"(?:\s*(?:/|images?|photo)\s*.{0,40})?\)?$",
)
"""A line that credits a picture."""

CAPTION_LINE = _Phrases(
    r"©",
    r"\((?:photo|image|ap photo|picture|foto|file photo|file|getty images|credit|pictured)\b"
    r"[^()]{0,80}\)\W*$|\([^()/]{2,50}/[^()/]{2,40}\)\W*$",
    r"\b(?:photo|image|picture|foto|bild)(?: credit)? ?[:/©] ?[^.]{2,60}$",
    r"\b(?:getty images|reuters/|afp/|ap photo/|/getty|/afp|/reuters|shutterstock\.com)\b"
    r".{0,40}$",
    r"^(?:above|below|left|right|top|pictured|from left|clockwise),? ?(?:above|below|left|right"
    r"|top|pictured)? ?:",
    words="© ( : / photo image picture foto bild getty shutterstock",
)
"""A paragraph that ends as captions do, with a credit."""

CLOSINGS = _Phrases(
    r"^\W*\(?[\w.-]+@[\w-]+\.[\w.]+\)?\W*(?:\(end\)|end)?$",
    r"^\W*\(?(?:end|ends|ende|fin|eom|fim)\)?\W*$",
    r"^[(\[]\s*[a-zäöüß]{1,6}(?:\s*[/,]\s*[a-zäöüß-]{1,12})*\s*[)\]]$",
    r"^(?:(?:e-?mail|contact|reach|follow|write to) (?:him|her|them|us|me|the (?:author|writer|"
    r"reporter)|[a-z][\w.'-]+(?: [a-z][\w.'-]+){0,2})\b.{0,40}(?:@|\bat\b|\bon\b|:)).{0,200}$",
    r"^.{0,160}\bcan be reached at\b.{0,160}$",
    r"^.{0,160}\b(?:subscribe to|sign up for) (?:our|my|the) (?:\w+ )?newsletter\b.{0,160}$",
    r"^(?:puede escribirnos|escríbanos|schreiben sie uns|écrivez-nous|escreva para)\b.{0,300}$",
    r"^[（(【\[](?:编辑|责任编辑|責任編輯|記者|记者|来源).{0,40}[）)】\]]$",
    r"^(?:first published|originally published|last updated|updated|published|erstellt|"
    r"veröffentlicht|aktualisiert|publicado|publié|stand)\b.{0,100}$",
    r"^(?:to (?:read|see|learn|find out|get|view) (?:more|other|further)|for more (?:information|"
    r"stories|news|on|coverage|details|updates|articles|content))\b.{0,240}$",
    r"^(?:this (?:article|story|post|piece|report|content|feature|column) (?:was|is|has been|first|"
    r"originally) (?:originally |first |also |re)?(?:published|appeared|posted|provided|syndicated|"
    r"written and edited|produced|republished|sponsored)|this (?:article|story|post) (?:first |"
    r"originally )?appeared)\b.{0,200}$",
    r"^a version of this (?:article|story|piece|essay) (?:appears|appeared|was|first)\b.{0,200}$",
    r"^(?:what do you think|do you agree|let us know|tell us|share your|have your say|leave your|"
    r"sound off)\b.{0,120}\b(?:comments?|below|twitter|facebook|opinion|thoughts)\b.{0,60}$",
    r"^(?:the post|der beitrag) .{3,200} (?:appeared first on|erschien zuerst auf)\b.{0,80}$",
)
"""Lines below an article's last sentence: addresses, initials, dates, where it ran first."""

SOCIAL = re.compile(
    r"\b(?:facebook|twitter|instagram|whatsapp|telegram|youtube|linkedin|pinterest|reddit|tiktok|"
    r"newsletter|snapchat|google news|flipboard|newsbreak|mastodon|threads|bluesky|xing|tumblr|"
    r"apple news|rss)\b",
    re.IGNORECASE,
)
"""Names of the networks that publishers ask to be followed on."""


def is_boilerplate(text: str) -> bool:
    """Tell a short paragraph that is boilerplate wherever it stands."""
    return len(text) <= LONGEST_PHRASE and (
        BOILERPLATE_STARTS.match(text) or BOILERPLATE_WITHIN.search(text)
    )
