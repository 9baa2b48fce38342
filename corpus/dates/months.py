"""Month names of the languages that newspapers are read in, with the numbers of the months.

The names, in full and abbreviated, by themselves and beside a day, are those of the Unicode CLDR
(release 47) and some that newspapers use besides; the months of the Solar Hijri calendar are those
of Iran and of Afghanistan. Words are compared by `folded`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_NAMES = """
en|january,jan|february,feb|march,mar|april,apr|may|june,jun|july,jul|august,aug|september,sep,sept|october,oct|november,nov|december,dec
de|januar,jan,jänner,jän|februar,feb,feber,febr|märz,mär,mrz,maerz|april,apr|mai|juni,jun|juli,jul|august,aug|september,sept,sep|oktober,okt|november,nov|dezember,dez
fr|janvier,janv|février,févr,fev|mars|avril,avr|mai|juin|juillet,juil,juill|août|septembre,sept|octobre,oct|novembre,nov|décembre,déc
es|enero,ene|febrero,feb|marzo,mar|abril,abr|mayo,may|junio,jun|julio,jul|agosto,ago|septiembre,sept,setiembre,set,sep|octubre,oct|noviembre,nov|diciembre,dic
it|gennaio,gen|febbraio,feb|marzo,mar|aprile,apr|maggio,mag|giugno,giu|luglio,lug|agosto,ago|settembre,set|ottobre,ott|novembre,nov|dicembre,dic
pt|janeiro,jan|fevereiro,fev|março,mar|abril,abr|maio,mai|junho,jun|julho,jul|agosto,ago|setembro,set|outubro,out|novembro,nov|dezembro,dez
nl|januari,jan|februari,feb|maart,mrt|april,apr|mei|juni,jun|juli,jul|augustus,aug|september,sep|oktober,okt|november,nov|december,dec
sv|januari,jan|februari,feb|mars|april,apr|maj|juni|juli|augusti,aug|september,sep|oktober,okt|november,nov|december,dec
da|januar,jan|februar,feb|marts,mar|april,apr|maj|juni,jun|juli,jul|august,aug|september,sep|oktober,okt|november,nov|december,dec
nb|januar,jan|februar,feb|mars,mar|april,apr|mai|juni,jun|juli,jul|august,aug|september,sep|oktober,okt|november,nov|desember,des
ru|января,янв,январь|февраля,февр,февраль|марта,мар,март|апреля,апр,апрель|мая,май|июня,июн,июнь|июля,июл,июль|августа,авг,август|сентября,сент,сентябрь,сен|октября,окт,октябрь|ноября,нояб,ноябрь,ноя|декабря,дек,декабрь
pl|stycznia,sty,styczeń|lutego,lut,luty|marca,mar,marzec|kwietnia,kwi,kwiecień|maja,maj|czerwca,cze,czerwiec|lipca,lip,lipiec|sierpnia,sie,sierpień|września,wrz,wrzesień|października,paź,październik|listopada,lis,listopad|grudnia,gru,grudzień
cs|ledna,led,leden|února,úno,únor|března,bře,březen|dubna,dub,duben|května,kvě,květen|června,čvn,červen|července,čvc,červenec|srpna,srp,srpen|září,zář|října,říj,říjen|listopadu,lis,listopad|prosince,pro,prosinec
tr|ocak,oca|şubat,şub|mart,mar|nisan,nis|mayıs,may|haziran,haz|temmuz,tem|ağustos,ağu|eylül,eyl|ekim,eki|kasım,kas|aralık,ara
id|januari,jan|februari,feb,pebruari|maret|april|mei|juni,jun|juli,jul|agustus,agu,agt,agust,ags|september,sep|oktober|november,nov,nopember|desember,des
is|janúar,jan|febrúar,feb|mars,mar|apríl,apr|maí|júní,jún|júlí,júl|ágúst,ágú|september,sep|október,okt|nóvember,nóv|desember,des
fi|tammikuuta,tammi,tammikuu|helmikuuta,helmi,helmikuu|maaliskuuta,maalis,maaliskuu|huhtikuuta,huhti,huhtikuu|toukokuuta,touko,toukokuu|kesäkuuta,kesä,kesäkuu|heinäkuuta,heinä,heinäkuu|elokuuta,elo,elokuu|syyskuuta,syys,syyskuu|lokakuuta,loka,lokakuu|marraskuuta,marras,marraskuu|joulukuuta,joulu,joulukuu
et|jaanuar,jaan|veebruar,veebr|märts|aprill,apr|mai|juuni|juuli|august,aug|september,sept|oktoober,okt|november,nov|detsember,dets
lv|janvāris,janv,janvārī,janvāra|februāris,febr,februārī,februāra|marts,martā,marta|aprīlis,apr,aprīlī,aprīļa|maijs,maijā,maija|jūnijs,jūn,jūnijā,jūnija|jūlijs,jūl,jūlijā,jūlija|augusts,aug,augustā,augusta|septembris,sept,septembrī,septembra|oktobris,okt,oktobrī,oktobra|novembris,nov,novembrī,novembra|decembris,dec,decembrī,decembra
lt|sausio,saus,sausis|vasario,vas,vasaris|kovo,kov,kovas|balandžio,bal,balandis|gegužės,geg,gegužė|birželio,birž,birželis|liepos,liep,liepa|rugpjūčio,rugp,rugpjūtis|rugsėjo,rugs,rugsėjis|spalio,spal,spalis|lapkričio,lapkr,lapkritis|gruodžio,gruod,gruodis
sk|januára,jan,január|februára,feb,február|marca,mar,marec|apríla,apr,apríl|mája,máj|júna,jún|júla,júl|augusta,aug,august|septembra,sep,september|októbra,okt,október|novembra,nov,november|decembra,dec,december
hu|január,jan|február,febr|március,márc|április,ápr|május,máj|június,jún|július,júl|augusztus,aug|szeptember,szept|október,okt|november,nov|december,dec
ro|ianuarie,ian|februarie,feb|martie,mar|aprilie,apr|mai|iunie,iun|iulie,iul|august,aug|septembrie,sept|octombrie,oct|noiembrie,nov|decembrie,dec
bg|януари,яну|февруари,фев|март|април,апр|май|юни|юли|август,авг|септември,сеп|октомври,окт|ноември,ное|декември,дек
sr|јануар,јан,januar,januara,јануара|фебруар,феб,februar,februara,фебруара|март,мар,marta,марта|април,апр,aprila,априла|мај,maja,maj,маја|јун,juna,jun,јуна|јул,jula,jul,јула|август,авг,avgust,avgusta,августа|септембар,сеп,septembar,septembra,септембра|октобар,окт,oktobar,oktobra,октобра|новембар,нов,novembar,novembra,новембра|децембар,дец,decembar,decembra,децембра
hr|siječnja,sij,siječanj|veljače,velj,veljača,vel|ožujka,ožu,ožujak|travnja,tra,travanj|svibnja,svi,svibanj|lipnja,lip,lipanj|srpnja,srp,srpanj|kolovoza,kol,kolovoz|rujna,ruj,rujan|listopada,lis,listopad|studenoga,stu,studeni|prosinca,pro,prosinac
sl|januar,jan,januarja|februar,feb,februarja|marec,mar,marca|april,apr,aprila|maj,maja|junij,jun,junija|julij,jul,julija|avgust,avg,avgusta|september,sep,septembra|oktober,okt,oktobra|november,nov,novembra|december,dec,decembra
mk|јануари,јан|февруари,фев|март,мар|април,апр|мај|јуни,јун|јули,јул|август,авг|септември,сеп|октомври,окт|ноември,ное|декември,дек
sq|janar,jan|shkurt,shk|mars,mar|prill,pri|maj|qershor,qer|korrik,korr|gusht,gush|shtator,sht|tetor,tet|nëntor,nën|dhjetor,dhj
el|ιανουαρίου,ιαν,ιανουάριος|φεβρουαρίου,φεβ,φεβρουάριος|μαρτίου,μαρ,μάρτιος,μάρ|απριλίου,απρ,απρίλιος|μαΐου,μαΐ,μάιος,μάι,μαϊου|ιουνίου,ιουν,ιούνιος,ιούν|ιουλίου,ιουλ,ιούλιος,ιούλ|αυγούστου,αυγ,αύγουστος,αύγ|σεπτεμβρίου,σεπ,σεπτέμβριος|οκτωβρίου,οκτ,οκτώβριος|νοεμβρίου,νοε,νοέμβριος,νοέ|δεκεμβρίου,δεκ,δεκέμβριος
az|yanvar,yan|fevral,fev|mart,mar|aprel,apr|may|iyun,iyn|iyul,iyl|avqust,avq|sentyabr,sen|oktyabr,okt|noyabr,noy|dekabr,dek
kk|қаңтар,қаң|ақпан,ақп|наурыз,нау|сәуір,сәу|мамыр,мам|маусым,мау|шілде,шіл|тамыз,там|қыркүйек,қыр|қазан,қаз|қараша,қар|желтоқсан,жел
uk|січня,січ,січень|лютого,лют,лютий|березня,бер,березень|квітня,квіт,квітень,кві|травня,трав,травень,тра|червня,черв,червень,чер|липня,лип,липень|серпня,серп,серпень,сер|вересня,вер,вересень|жовтня,жовт,жовтень,жов|листопада,лист,листопад,лис|грудня,груд,грудень,гру
be|студзеня,сту,студзень|лютага,лют,люты|сакавіка,сак,сакавік|красавіка,кра,красавік|мая,май|чэрвеня,чэр,чэрвень|ліпеня,ліп,ліпень|жніўня,жні,жнівень|верасня,вер,верасень|кастрычніка,кас,кастрычнік|лістапада,ліс,лістапад|снежня,сне,снежань
ca|gener,gen|febrer,febr|març|abril,abr|maig|juny|juliol,jul|agost,ag|setembre,set|octubre,oct|novembre,nov|desembre,des
eu|urtarrila,urt,urtarrilaren|otsaila,ots,otsailaren|martxoa,martxoaren|apirila,api,apirilaren|maiatza,mai,maiatzaren|ekaina,eka,ekainaren|uztaila,uzt,uztailaren|abuztua,abu,abuztuaren|iraila,ira,irailaren|urria,urr,urriaren|azaroa,aza,azaroaren|abendua,abe,abenduaren
gl|xaneiro,xan|febreiro,feb|marzo|abril,abr|maio|xuño|xullo,xul|agosto,ago|setembro,set|outubro,out|novembro,nov|decembro,dec
ga|eanáir,ean|feabhra,feabh|márta|aibreán,aib|bealtaine,beal|meitheamh,meith|iúil|lúnasa,lún|fómhair,mfómh|dfómh|samhain,samh|nollaig,noll
cy|ionawr,ion|chwefror,chwef,chw|mawrth,maw|ebrill,ebr|mai|mehefin,meh|gorffennaf,gorff,gor|awst|medi|hydref,hyd|tachwedd,tach|rhagfyr,rhag
mt|jannar,jan|frar,fra|marzu|april|mejju,mej|ġunju,ġun|lulju,lul|awwissu,aww|settembru,set|ottubru,ott|novembru,nov|diċembru,diċ
ms|januari,jan|februari,feb|mac|april|mei|jun|julai,jul|ogos,ogo|september,sep|oktober|november,nov|disember,dis
tl|enero,ene|pebrero,peb|marso|abril,abr|mayo|hunyo,hun|hulyo,hul|agosto,ago|setyembre,set|oktubre|nobyembre,nob|disyembre,dis
sw|januari,jan|februari,feb|machi,mac|aprili|mei|juni,jun|julai,jul|agosti,ago|septemba,sep|oktoba|novemba,nov|desemba,des
af|januarie,jan|februarie,feb|maart,mrt|april|mei|junie,jun|julie,jul|augustus,aug|september,sep|oktober|november,nov|desember,des
ar|يناير,كانون_الثاني,جانفي|فبراير,شباط,فيفري|مارس,آذار|أبريل,نيسان,ابريل,أفريل|مايو,أيار,ماي|يونيو,حزيران,جوان|يوليو,تموز,جويلية|أغسطس,آب,اغسطس,أوت|سبتمبر,أيلول|أكتوبر,تشرين_الأول,اكتوبر|نوفمبر,تشرين_الثاني|ديسمبر,كانون_الأول
he|ינואר,ינו׳|פברואר,פבר׳|מרץ,מרס,מארס|אפריל,אפר׳|מאי|יוני|יולי|אוגוסט,אוג׳|ספטמבר,ספט׳|אוקטובר,אוק׳|נובמבר,נוב׳|דצמבר,דצמ׳
fa|ژانویهٔ,ژانویه,جنوری|فوریهٔ,فوریه,فبروری|مارس,مارچ|آوریل,اپریل|مهٔ,مه,می|ژوئن,جون|ژوئیهٔ,ژوئیه,جولای|اوت,آگوست,اگوست|سپتامبر,سپتمبر|اکتبر,اکتوبر|نوامبر,نومبر|دسامبر,دسمبر
ur|جنوری|فروری|مارچ|اپریل|مئی|جون|جولائی|اگست|ستمبر|اکتوبر|نومبر|دسمبر
hi|जनवरी,जन॰|फ़रवरी,फ़र॰,फरवरी,फर|मार्च|अप्रैल|मई|जून|जुलाई,जुल॰|अगस्त,अग॰|सितंबर,सित॰,सितम्बर|अक्टूबर,अक्टू॰,अक्तूबर|नवंबर,नव॰,नवम्बर|दिसंबर,दिस॰,दिसम्बर
bn|জানুয়ারী,জানু,জানুয়ারি|ফেব্রুয়ারী,ফেব,ফেব্রুয়ারি|মার্চ|এপ্রিল,এপ্রি|মে|জুন|জুলাই,জুল|আগস্ট,আগ,অগস্ট|সেপ্টেম্বর,সেপ|অক্টোবর,অক্টো|নভেম্বর,নভে|ডিসেম্বর,ডিসে
mr|जानेवारी,जाने|फेब्रुवारी,फेब्रु|मार्च|एप्रिल,एप्रि|मे|जून|जुलै|ऑगस्ट,ऑग|सप्टेंबर,सप्टें|ऑक्टोबर,ऑक्टो|नोव्हेंबर,नोव्हें|डिसेंबर,डिसें
ne|जनवरी|फेब्रुअरी|मार्च|अप्रिल|मे|जुन|जुलाई|अगस्ट|सेप्टेम्बर|अक्टोबर|नोभेम्बर|डिसेम्बर
gu|જાન્યુઆરી,જાન્યુ|ફેબ્રુઆરી,ફેબ્રુ|માર્ચ|એપ્રિલ|મે|જૂન|જુલાઈ|ઑગસ્ટ|સપ્ટેમ્બર,સપ્ટે|ઑક્ટોબર,ઑક્ટો|નવેમ્બર,નવે|ડિસેમ્બર,ડિસે
pa|ਜਨਵਰੀ,ਜਨ|ਫ਼ਰਵਰੀ,ਫ਼ਰ|ਮਾਰਚ|ਅਪ੍ਰੈਲ,ਅਪ੍ਰੈ|ਮਈ|ਜੂਨ|ਜੁਲਾਈ,ਜੁਲਾ|ਅਗਸਤ,ਅਗ|ਸਤੰਬਰ,ਸਤੰ|ਅਕਤੂਬਰ,ਅਕਤੂ|ਨਵੰਬਰ,ਨਵੰ|ਦਸੰਬਰ,ਦਸੰ
ta|ஜனவரி,ஜன|பிப்ரவரி,பிப்|மார்ச்,மார்|ஏப்ரல்,ஏப்|மே|ஜூன்|ஜூலை|ஆகஸ்ட்,ஆக|செப்டம்பர்,செப்|அக்டோபர்,அக்|நவம்பர்,நவ|டிசம்பர்,டிச
te|జనవరి,జన|ఫిబ్రవరి,ఫిబ్ర|మార్చి|ఏప్రిల్,ఏప్రి|మే|జూన్|జులై|ఆగస్టు,ఆగ|సెప్టెంబర్,సెప్టెం|అక్టోబర్,అక్టో|నవంబర్,నవం|డిసెంబర్,డిసెం
kn|ಜನವರಿ,ಜನ|ಫೆಬ್ರವರಿ,ಫೆಬ್ರ|ಮಾರ್ಚ್|ಏಪ್ರಿಲ್,ಏಪ್ರಿ|ಮೇ|ಜೂನ್|ಜುಲೈ|ಆಗಸ್ಟ್,ಆಗ|ಸೆಪ್ಟೆಂಬರ್,ಸೆಪ್ಟೆಂ|ಅಕ್ಟೋಬರ್,ಅಕ್ಟೋ|ನವೆಂಬರ್,ನವೆಂ|ಡಿಸೆಂಬರ್,ಡಿಸೆಂ
ml|ജനുവരി,ജനു|ഫെബ്രുവരി,ഫെബ്രു|മാർച്ച്,മാർ|ഏപ്രിൽ,ഏപ്രി|മേയ്|ജൂൺ|ജൂലൈ|ഓഗസ്റ്റ്,ഓഗ|സെപ്റ്റംബർ,സെപ്റ്റം|ഒക്‌ടോബർ,ഒക്ടോ|നവംബർ,നവം|ഡിസംബർ,ഡിസം
si|ජනවාරි,ජන|පෙබරවාරි,පෙබ|මාර්තු,මාර්|අප්‍රේල්|මැයි|ජූනි|ජූලි|අගෝස්තු,අගෝ|සැප්තැම්බර්,සැප්|ඔක්තෝබර්,ඔක්|නොවැම්බර්,නොවැ|දෙසැම්බර්,දෙසැ
th|มกราคม,ม.ค|กุมภาพันธ์,ก.พ|มีนาคม,มี.ค|เมษายน,เม.ย|พฤษภาคม,พ.ค|มิถุนายน,มิ.ย|กรกฎาคม,ก.ค|สิงหาคม,ส.ค|กันยายน,ก.ย|ตุลาคม,ต.ค|พฤศจิกายน,พ.ย|ธันวาคม,ธ.ค
lo|ມັງກອນ,ມ.ກ|ກຸມພາ,ກ.ພ|ມີນາ,ມ.ນ|ເມສາ,ມ.ສ|ພຶດສະພາ,ພ.ພ|ມິຖຸນາ,ມິ.ຖ|ກໍລະກົດ,ກ.ລ|ສິງຫາ,ສ.ຫ|ກັນຍາ,ກ.ຍ|ຕຸລາ,ຕ.ລ|ພະຈິກ,ພ.ຈ|ທັນວາ,ທ.ວ
km|មករា|កុម្ភៈ|មីនា|មេសា|ឧសភា|មិថុនា|កក្កដា|សីហា|កញ្ញា|តុលា|វិច្ឆិកា|ធ្នូ
my|ဇန်နဝါရီ,ဇန်|ဖေဖော်ဝါရီ,ဖေ|မတ်|ဧပြီ,ဧ|မေ|ဇွန်|ဇူလိုင်,ဇူ|ဩဂုတ်,ဩ|စက်တင်ဘာ,စက်|အောက်တိုဘာ,အောက်|နိုဝင်ဘာ,နို|ဒီဇင်ဘာ,ဒီ
ka|იანვარი,იან,იანვრის|თებერვალი,თებ|მარტი,მარ|აპრილი,აპრ,აპრილის|მაისი,მაი|ივნისი,ივნ|ივლისი,ივლ|აგვისტო,აგვ|სექტემბერი,სექ|ოქტომბერი,ოქტ|ნოემბერი,ნოე|დეკემბერი,დეკ
hy|հունվարի,հնվ,հունվար|փետրվարի,փտվ,փետրվար|մարտի,մրտ,մարտ|ապրիլի,ապր,ապրիլ|մայիսի,մյս,մայիս|հունիսի,հնս,հունիս|հուլիսի,հլս,հուլիս|օգոստոսի,օգս,օգոստոս|սեպտեմբերի,սեպ,սեպտեմբեր|հոկտեմբերի,հոկ,հոկտեմբեր|նոյեմբերի,նոյ,նոյեմբեր|դեկտեմբերի,դեկ,դեկտեմբեր
uz|yanvar,yan|fevral,fev|mart,mar|aprel,apr|may|iyun,iyn|iyul,iyl|avgust,avg|sentabr,sen|oktabr,okt|noyabr,noy|dekabr,dek
am|ጃንዋሪ,ጃን|ፌብሩዋሪ,ፌብ|ማርች|ኤፕሪል,ኤፕሪ|ሜይ|ጁን|ጁላይ|ኦገስት,ኦገስ|ሴፕቴምበር,ሴፕቴ|ኦክቶበር,ኦክቶ|ኖቬምበር,ኖቬም|ዲሴምበር,ዲሴም
"""

_JALALI = (
    "فروردین حمل|اردیبهشت ثور|خرداد جوزا|تیر سرطان|"
    "مرداد امرداد اسد|شهریور سنبله|مهر میزان|آبان عقرب|"
    "آذر قوس|دی جدی|بهمن دلو|اسفند حوت"
)

_SAME = str.maketrans("يىكۀةأإآı", "ییکههاااi")


def folded(word: str) -> str:
    """Return a word as words of dates are compared: lower case, without accents and points,
    with one form of each Arabic letter, and the Turkish i without a dot as one with."""
    if word.isascii():
        return word.lower()
    apart = unicodedata.normalize("NFKD", word)
    bare = "".join([char for char in apart if not unicodedata.combining(char)])
    return unicodedata.normalize("NFC", bare).lower().translate(_SAME)


_BY_LANGUAGE: dict[str, dict[str, int]] = {}
MONTHS: dict[str, int] = {}
"""Months by the folded name, of all languages: where two disagree ('listopad' is November in
Poland and October in Croatia), the first one listed stands. Those of the Solar Hijri calendar are
13 to 24."""
for _line in _NAMES.split():
    _language, *_months = _line.split("|")
    _own = _BY_LANGUAGE[_language] = {
        folded(name.replace("_", " ").rstrip("׳॰")): number
        for number, names in enumerate(_months, start=1)
        for name in names.split(",")
    }
    for _name, _number in _own.items():
        MONTHS.setdefault(_name, _number)
for _number, _names in enumerate(_JALALI.split("|"), start=13):
    for _name in _names.split():
        MONTHS.setdefault(folded(_name), _number)


@lru_cache(maxsize=8192)
def month_named(word: str, language: str = "") -> int:
    """Return the month that a word names, 0 for none; 13 to 24 are those of the Solar Hijri
    calendar. `language` (ISO 639-1) has its own say first."""
    word = folded(word)
    return _BY_LANGUAGE.get(language, MONTHS).get(word) or MONTHS.get(word, 0)
