"""Stop words: those that say nothing of what an article is about, by ISO 639-1 code.

Snowball's lists, which Whoosh has, name every form of a verb, and among them words that news are
made of: Spanish *estado*, Italian *stato*, German *wollen*, Russian *два*. So the lists of eight
languages are kept here, without such words; those of five others are Whoosh's.
"""

from __future__ import annotations

from functools import cache

from whoosh.lang.stopwords import stoplists

from indexer.analysis.analyser import fold
from indexer.analysis.languages import stemmed_in

_STOP_WORDS = {
    "en": (
        "a about after all also am an and any are as at be because been before being between both "
        "but by can could did do does doing down during each few for from further had has have "
        "having he her here hers him his how i if in into is it its itself just me more most my no "
        "nor not now of off on once only or other our out over own same she should so some such "
        "than that the their them then there these they this those through to too under until up "
        "very was we were what when where which while who whom why will with would you your"
    ),
    "de": (
        "aber alle als also am an ander auch auf aus bei bin bis da damit dann das dass dein dem "
        "den denn der des dich die dies dir doch dort du durch ein eine einem einen einer eines er "
        "es etwas euer fur gegen habe haben hat hatte hier ich ihm ihn ihr im in ist ja jede kann "
        "kein keine konnte man mein mich mir mit muss nach nicht noch nun nur ob oder ohne sehr "
        "sein seine sich sie sind so soll sondern um und uns unter vom von vor war waren was weil "
        "wenn wer werden wie wir wird wo wurde wurden zu zum zur zwischen uber"
    ),
    "fr": (
        "a ai au aux avait avec avoir c ce ces cet cette comme d dans de des donc du elle elles en "
        "est et etait ete etre eu eux il ils j je l la le les leur leurs lui m ma mais me meme mes "
        "moi mon n ne nos notre nous on ont ou par pas plus pour qu que quel quelle qui s sa sans "
        "se ses si son sont sur t ta te tes toi ton tu un une vos votre vous y"
    ),
    "es": (
        "a al algo ante antes como con contra cual cuando de del desde donde durante e el ella "
        "ellas ellos en entre era es esa ese eso esta estaba este esto fue ha habia han hasta hay "
        "la las le les lo los mas me mi mucho muy nada ni no nos o otra otro para pero poco por "
        "porque que quien se ser si sin sobre son su sus tambien tan tanto te tiene todo tu un una "
        "uno unos y ya yo"
    ),
    "it": (
        "a ad agli ai al all alla alle allo anche che chi ci come con contro cui d da dagli dai "
        "dal dall dalla dalle degli dei del dell della delle dello di dove e ed era essere gli ha "
        "hanno i il in io l la le lei lo loro lui ma mi mia mio ne negli nei nel nell nella nelle "
        "noi non o per perche piu quale quanto quella quello questa questo se si sia sono su sua "
        "sugli sui sul sulla suo tra tu un una uno voi"
    ),
    "pt": (
        "a ao aos as ate com como da das de dela dele do dos e ela elas ele eles em entre era essa "
        "esse esta este eu foi foram ha isso isto ja la lhe mais mas me mesmo meu minha muito na "
        "nao nas nem no nos nossa nosso num numa o os ou para pela pelas pelo pelos por qual "
        "quando que quem se sem ser seu sua suas seus sao so tambem te tem um uma voce"
    ),
    "nl": (
        "aan al alles als andere ben bij daar dan dat de der deze die dit doch doen door dus een "
        "en er ge geen had heb hebben heeft hem het hier hij hoe hun iemand iets ik in is ja je "
        "kan kon maar me meer men met mij mijn moet na naar niet niets nog nu of om omdat ons ook "
        "op over te tegen toch toen tot u uit uw van veel voor want waren was wat werd wezen wie "
        "wij wil worden zal ze zelf zich zij zijn zo zonder zou"
    ),
    "ru": (
        "а без более бы был была были было быть в вам вас весь во вот все всех вы где да даже для "
        "до его ее если есть еще же за здесь и из или им их к как ко когда кто ли либо мне может "
        "мы на над надо наш не него нее нет ни них но ну о об однако он она они оно от очень по "
        "под при с со так также такой там те тем то того тоже той только том ты у уже хотя чего "
        "чей чем что чтобы чье эта эти это этот я"
    ),
}


_WHOOSHS = ("da", "fi", "no", "sv", "tr")


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the folded stop words of a language, none where there is no list of them."""
    code = stemmed_in(language)
    if code in _WHOOSHS:
        return frozenset(map(fold, stoplists[code]))
    return frozenset(_STOP_WORDS.get(code, "").split())
