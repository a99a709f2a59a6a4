"""What a model may say without a fact, because it claims nothing about the business: greet, thank, be sorry,
not know, not be able to, look something up, ask the caller for something, and offer what it can do. Pure.

Each kind has its openings, and says what may follow them: anything, words about the conversation only, those
and what the flow's author says it is about, or also what the caller said.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from voice.language_model.plain_words import FUNCTION, NEGATIONS
from voice.language_model.social import is_social
from voice.language_model.units import counting, meanings
from voice.languages import fold
from voice.languages.base import word_list

# Words about the conversation itself, beside those of grammar.
META = {
    "es": frozenset(
        word_list(
            """
            hola buenos buenas dia dias tarde tardes noche noches bienvenido bienvenida adios hasta luego
            pronto
            gracias agradezco favor perdone perdon disculpe disculpas siento lamento lamentamos pena mal bien
            entiendo entender entendido comprendo comprender veo oigo oir escucho escuchar escuchado molesto
            molestia molestias frustrante desagradable dificil incomodo logico normal importante razon claro
            supuesto acuerdo vale perfecto exacto muy mucho tan bastante poco mas momento segundo minuto
            instante espere esperar esperando paciencia llamar llamada tiempo calma tranquilo tranquila
            pregunta preguntas preguntar duda dudas respuesta contestar responder informacion dato datos
            detalle detalles decir digame diga dicho dice decirle decirme cuente contar contarme contarmelo
            contarle contado explicar explicarle explique explicarme explicarmelo repetir repetirle repita
            hablar hablarle hable persona alguien asistente automatico automatica saber sepa se ayudar ayuda
            ayudarle ayudarlo ayudarla ayudarles pueda servirle encantado encantada gusto buscar mirar
            comprobar
            consultar revisar verlo mirarlo comprobarlo consultarlo consultarle preguntarle leer leerle
            pasarle pasar poner ponerle
            numero nombre linea desea prefiere quiera guste gusta gustaria necesite algo cosa cosas tema
            asunto
            problema problemas situacion probemos juntos intentar empezar empecemos seguir voz alta despacio
            buen buena feliz semana interesante repetirmelo oyendo da dar darme dame parece suena cuanto
            antes listo lista vamos
            paso desde temo medida ejemplo entendido venir ir emergencia emergencias urgencia urgencias
            telefono
            cuelgue llame maquina programa ordenador
            fastidio moleste molesten enfade rabia lata faena disgusto preocupe preocupa injusto cambio caso
            decido decidir ejemplo cual tome tomese suyo suya otros otras
            """
        )
    ),
    "en": frozenset(
        word_list(
            """
            hello hi hey good morning afternoon evening night day welcome bye goodbye later nice lovely great
            wonderful perfect fine okay ok alright right sure course certainly absolutely exactly yes thanks
            thank appreciate please sorry apologise apologize apologies afraid unfortunately pardon excuse
            regret
            understand understood see hear heard hearing listen listening know mean annoying frustrating
            unpleasant difficult hard upsetting inconvenient inconvenience trouble problem problems situation
            worry worries moment second minute minutes hold wait waiting bear patience patient time take
            calling
            call speak speaking talk talking talked ask asking asked question questions answer answers say
            says
            saying said tell telling told explain explaining repeat mention mentioned describe details detail
            information person human somebody someone anybody anyone assistant automatic help helping assist
            look looking find check checking read try trying together start begin number name bit little
            slowly
            aloud matter thing things something anything else first really very much so too quite how what why
            well like prefer wish want wanted rather happy glad pleased welcome understandable interesting
            important shame pity sounds catch caught again go ahead ready choose here answer feel let lets
            right
            from now just quickly decide understanding case instead word words could correct give up through
            example yet
            far upsets upset annoys annoyed bothers nuisance disappointing disappointed worried unfair
            machine computer program programme emergency services number
            """
        )
    ),
}

ANY, META_ONLY, ABOUT, HEARD, WISH, OFFER = "any", "meta", "about", "heard", "wish", "offer"
FEW, IDLE = "few", "idle"  # a few words of any kind; what a tool does, and has not done
_MOST_WORDS = 5  # of a few
_STATING = frozenset(word_list("es son esta estan gratis gratuito gratuita nadie is are its free nobody"))

_LEAD = {
    "es": re.compile(
        r"^(?:(?:vaya|bueno|pues|entonces|vale|si|claro(?: que si)?|por supuesto|de acuerdo|perfecto|gracias"
        r"|por favor"
        r"|lo siento|perdone|disculpe|y|o|yo|pero|ahora|primero|tambien|ademas|con (?:mucho )?gusto"
        r"|en ese caso"
        r"|aqui (?:pone|dice)(?: que)?|me temo que|pasado ese plazo|despues de eso|antes de eso"
        r"|lamentablemente"
        r"|por desgracia|aqui|si (?:lo )?(?:quiere|prefiere|desea|necesita)) )+"
    ),
    "en": re.compile(
        r"^(?:(?:oh no|oh|well|so|then|okay|ok|sure|yes|of course|certainly|absolutely|right|alright"
        r"|all right"
        r"|great|good"
        r"|perfect|fine|thanks|thank you|please|sorry|unfortunately|actually|also|and|but|now|first|just"
        r"|it says(?: here)?(?: that)?|in that case|after that|before that|until then"
        r"|im afraid|i am afraid|here|or|otherwise|instead|if you(?: would)? (?:like|want|prefer|wish"
        r"|need)) )+"
    ),
}
_LOOK_ES = (
    r"(?:consult|mir|comprob|comprueb|busc|revis|ver|le[ei]|repet|repit|explic|cont|cuent|dec|dig"
    r"|ayud|pregunt)"
)
_UNABLE_EN = (
    r"(?:cant|cannot|can not|couldnt|could not|am not able to|im not able to|im unable to|am unable to"
    r"|wasnt able to|was unable to|wont be able to)"
)
_FRAMES: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "es": (
        (ANY, re.compile(r"^(?:de|sobre|en cuanto a) (?:\w+ ){1,3}no (?:le |se lo |lo )*(?:puedo|podemos"
                         r"|podria|se|sabemos"
                         r"|tengo (?:informacion|datos|acceso)|estoy segur[oa])\b")),
        (ANY, re.compile(r"^(?:a )?(?:eso|esto) (?:desde aqui )?no (?!.*\bcobr)(?:se lo |lo |la "
                         r"|le )*(?:puedo|podemos|veo|se|tengo acceso"
                         r"|prometo)\b")),
        (ANY, re.compile(r"^no se (?:(?:a|de|en|con|por|para) (?:que|cual|quien|cuanto)|lo que)\b")),
        (FEW, re.compile(r"^(?:eso|esto|para eso|para ello) (?:lo )?(?:tendria|deberia|habria"
                         r"|convendria)(?: que)? "
                         r"(?:hablarlo|hablar|preguntarlo|preguntar|consultarlo|consultar|verlo"
                         r"|tratarlo)\b")),
        (FEW, re.compile(r"^(?:eso|esto) (?:lo (?:decide|lleva|sabe|ve)|no (?:me toca|me corresponde)"
                         r"|depende)\b")),
        (META_ONLY, re.compile(r"^(?:puede|podria) (?:ser )?que (?:le )?(?:haya|he) (?:entendido|oido"
                               r"|comprendido)\b")),
        (META_ONLY, re.compile(r"^(?:cuelgue|llame)\b(?=.*\b(?:emergencias|urgencias)\b)")),
        (ANY, re.compile(r"^no (?:puedo|podemos) ver (?:que|por que|como|si|cuando|donde)\b")),
        (ANY, re.compile(r"^no (?:decido|decidimos)\b")),
        (FEW, re.compile(r"^para (?:\w+ ){1,4}(?:tiene que|debe|deberia|hace falta|hay que) (?:hablar"
                         r"|preguntar|consultar)\w*\b")),
        (FEW, re.compile(r"^(?:lo |eso )?puede preguntar(?:lo)? (?:en|al|a la)\b")),
        (FEW, re.compile(r"^si (?:me|nos) (?:dice|da|lee|indica|cuenta)\b")),
        (WISH, re.compile(r"^(?:leame|dicteme|indiqueme)\b")),
        (META_ONLY, re.compile(r"^si (?:es|se trata de) (?:una )?(?:urgencia|emergencia)\b")),
        (META_ONLY, re.compile(r"^(?:y )?no (?:soy )?una? (?:persona|maquina|robot|medico|abogado)$")),
        (META_ONLY, re.compile(r"^(?:hare|haremos|hago) (?:todo )?lo que pueda\b")),
        (ABOUT, re.compile(r"^(?:(?:muchas )?gracias )?por (?:llamar|contactar|su llamada)\b")),
        (ABOUT, re.compile(r"^(?:yo )?(?:lo |la )*(?:he|hemos) intentado\b")),
        (WISH, re.compile(r"^(?:me |nos )?(?:puede|podria) preguntar(?:me|nos)? (?:por|sobre|cosas de)\b")),
        (WISH, re.compile(r"^(?:empecemos por|empezamos por|vamos con|luego|despues|y luego|y despues)"
                          r"(?= (?:el|la|los|las|lo|lo de|lo del) \w+$)")),
        (WISH, re.compile(r"^(?=(?:el|la|los|las) \w+$)")),
        (HEARD, re.compile(r"^(?:bien|vale|de acuerdo)?(?:la|lo|los|las) dejamos (?:como esta|asi)\b")),
        (IDLE, re.compile(
            r"^(?:todavia |aun |hasta ahora |entonces |de momento )*no (?:le |se )*(?:la |lo |las |los )?"
            r"(?:(?:he|hemos|voy a|vamos a) (\w+)|(\w+o)$|(?:se )?ha (\w+)(?= nada$))"
        )),
        (ANY, re.compile(
            r"^(?:eso |esto |todavia |aun )?no (?:lo |le |se |se lo |la |los |las |te )*(?:se(?= (?:si"
            r"|cuando|que|como|donde|cual|cuanto|quien|nada|eso|por que|decir\w*)\b|$)|sabemos|conozco"
            r"|(?:puedo|podemos|podria|sabria|sabre) (?:decir|decirle|decirselo|saber|saberlo|prometer"
            r"|prometerle"
            r"|prometerselo|garantizar|garantizarle|garantizarselo|asegurar|asegurarle|asegurarselo|confirmar"
            r"|confirmarle|confirmarselo|decidir|decidirlo|valorar|adivinar))\b"
        )),
        (ANY, re.compile(
            r"^(?:eso |esto )?no (?:le |se |se lo |lo |la )*(?:puedo|podemos|podria|es posible|he podido"
            r"|hemos podido) (?:\w+ )?(?:cambi|cancel|anul|quit|retir|elimin|devolv|reembols|d[ae]r|ofrec"
            r"|hac|ayud|reserv|envi"
            r"|aplic|acced|abr|hablar|aconsej|recomend|atend|transferir|mov)\w*\b"
        )),
        (ANY, re.compile(r"^no (?:tengo|tenemos|dispongo de|encuentro) (?:\w+ )?(?:informacion|ese dato|datos"
                         r"|detalles|respuesta|acceso)\b")),
        (ANY, re.compile(r"^(?:eso|esto) no (?:lo (?:se|decido)|depende de mi|esta en mi mano)\b")),
        (ANY, re.compile(r"^desde aqui no (?:\w+ )?(?:puedo|veo)\b"
                         r"|^(?:eso |esto )?no (?:\w+ )?(?:puedo verl?[oa]?s?|veo)\b.* desde aqui$")),
        (ANY, re.compile(r"^(?:nunca|jamas|no) (?:le |les )?(?:pediremos|pedimos|pedire|pedira)\b")),
        (ABOUT, re.compile(r"^no (?:lo |la )?(?:encuentro|he encontrado)\b")),
        (ABOUT, re.compile(r"^hay (?:\w+ )?(?:cosas?|temas?|opciones|manera|forma) que (?:le )?(?:puedo"
                           r"|podemos)\b")),
        (ANY, re.compile(r"^no (?:(?:le|lo|la|se lo) )*(?:he|hemos) (?:entendido|oido|escuchado"
                         r"|comprendido)\b")),
        (HEARD, re.compile(r"^(?:(?:lo |le )?(?:siento|lamento|entiendo|comprendo|veo|oigo)|siento mucho"
                           r"|perdone)\b")),
        (HEARD, re.compile(r"^(?:usted |me |asi que |entonces )*(?:dice|ha dicho|dijo|cuenta)\b")),
        (WISH, re.compile(r"^(?:usted |me |asi que |entonces )*(?:pregunta|quiere|querria|busca"
                          r"|necesita ayuda"
                          r"|llama por|se refiere|pide)\b")),
        (META_ONLY, re.compile(r"^(?:gracias|muchas gracias|le agradezco|agradezco|me alegro?a?"
                               r"|con mucho gusto"
                               r"|encantad[oa]|no se preocupe|tranquil[oa]|quedese tranquil[oa])\b")),
        (META_ONLY, re.compile(r"^(?:(?:eso |esto )?(?:es|parece|suena|resulta|que) (?!que\b))(?=\w)")),
        (ABOUT, re.compile(r"^(?:cuenteme|digame|diga|expliqueme|repita|repitamelo|pregunteme|elija"
                           r"|espere(?! (?:una|la|su|nuestra|mi))"
                           r"|no cuelgue|dem[eo]|deme|tomese|hable|indiqueme|confirmeme|digamelo)\b")),
        (HEARD, re.compile(
            rf"^(?:dejeme|permitame|dejeme que|voy a|vamos a|paso a|permita que|intentare|puedo intentar"
            rf"|empecemos por|ahora mismo) (?:(?:le|lo|la|se|me|que) )*{_LOOK_ES}\w*\b"
            rf"|^(?:(?:le|lo|se lo) )+(?:explico|cuento|digo|leo|repito|consulto|miro|busco|pregunto"
            rf"|compruebo)\b"
            rf"|^(?:consulto|miro|busco|compruebo|reviso|veamos|probemos|intentemos)\b"
        )),
        (ABOUT, re.compile(r"^(?:solo |tan solo )?(?:necesito|necesitaria|me falta|me hace falta|tengo "
                           r"(?:una|otra"
                           r"|dos|alguna|unas) (?:pregunta|duda)s?)\b")),
        (ABOUT, re.compile(r"^(?:yo )?(?:solo |tan solo )?(?:soy(?! (?:una persona|human\w+|un hombre"
                           r"|una mujer|de verdad))|estoy aqui|puedo ayudar\w*|podemos ayudar\w*"
                           r"|ayudo|hablo|le ayudo|para ayudarle|estoy para|me dedico)\b")),
        (FEW, re.compile(r"^(?:una persona|un companero|una companera|alguien) (?:le |se lo |lo )*(?:puede"
                         r"|podria) "
                         r"(?:explicar|decir|contar|aclarar)\w* (?:como|si|que|cuando|donde)\b")),
        (ABOUT, re.compile(
            r"^(?:le |se lo |me )?puede (?:me )?(?:ayudar|atender|explicar|contestar|responder|aconsejar"
            r"|decir|hablar"
            r"|preguntar|contar|repetir|elegir|colgar|pedir hablar|aclarar)\w*\b"
            r"|^(?:una persona|un companero|una companera|alguien) (?:le |se lo |lo )*(?:puede|podria) "
            r"(?:ayudar|atender"
            r"|explicar|contestar|aconsejar|decir|aclarar)\w*\b"
        )),
        (META_ONLY, re.compile(r"^(?:puedo|podria|podemos) (?:pasarle|ponerle) con (?:una persona"
                               r"|alguien)\b")),
        (OFFER, re.compile(r"^(\w+[aei]r)(?:l[oae]s?)?$")),
        (OFFER, re.compile(r"^(?:yo |tambien |solo )*(?:(?:le|lo|la|se lo|se la|se los|se las) )?(?:puedo"
                           r"|podria|podemos|podriamos) "
                           r"(?:tambien |solo |si quiere )?(\w+)")),
    ),
    "en": (
        (ANY, re.compile(rf"^(?:that|this|about that|for that) i (?:really )?(?:dont know"
                         rf"|{_UNABLE_EN} (?:say|tell|see|know|check|do"
                         r"|promise))\b")),
        (ANY, re.compile(r"^(?:im|i am) not (?:at all |so )?(?:sure|certain)\b")),
        (FEW, re.compile(r"^(?:for that |that is something |thats something )?(?:you|youd"
                         r"|you would) (?:should|have to|would have to"
                         r"|need to|might want to|better|could) (?:speak|talk|ask|check)\b")),
        (FEW, re.compile(r"^(?:that|this|it) (?:all |really )?depends\b")),
        (ANY, re.compile(r"^(?:thats|that is) (?:something|for) (?:the|a|an|our) (?:\w+ ){1,2}(?:decides?"
                         r"|knows?|to decide)$")),
        (META_ONLY, re.compile(r"^i (?:might|may|could) have (?:misunderstood|misheard|got)\b")),
        (META_ONLY, re.compile(r"^(?:please )?(?:hang up and )?(?:call|dial) (?:the )?emergency\b")),
        (ANY, re.compile(rf"^(?:i|we) {_UNABLE_EN} see (?:what|why|how|whether|if|when|where)\b")),
        (ANY, re.compile(r"^(?:\w+ ){1,4}(?:isnt|is not|arent) (?:something|anything"
                         r"|for me) (?:that )?i can\b")),
        (FEW, re.compile(r"^for (?:\w+ ){1,3}(?:you )?(?:need to|have to|should|must) (?:speak|talk|ask)\b")),
        (FEW, re.compile(r"^if you (?:tell|give|let|read) (?:me|us)\b")),
        (WISH, re.compile(r"^read (?:me|out|us)\b")),
        (META_ONLY, re.compile(r"^if (?:it is|its|this is) an? emergency\b")),
        (META_ONLY, re.compile(r"^(?:and )?not an? (?:person|human|machine|robot|doctor|lawyer)$")),
        (META_ONLY, re.compile(r"^(?:ill|i will) do (?:what|everything|all|my)\b")),
        (ABOUT, re.compile(r"^(?:(?:thanks|thank you) )?for (?:calling|contacting|your call)\b")),
        (ABOUT, re.compile(r"^(?:i|we)(?:ve| have)? tried\b")),
        (WISH, re.compile(r"^you (?:can|could|may) (?:also |always )*ask (?:me )?about\b")),
        (WISH, re.compile(r"^lets (?:take|start with|begin with)(?= (?:the|your) \w+$)")),
        (WISH, re.compile(r"^(?=(?:the|your) \w+$)")),
        (HEARD, re.compile(r"^(?:(?:well|we will|ill|i will) )?leave it (?:as it is|at that|there"
                           r"|like that)\b")),
        (IDLE, re.compile(r"^(?:so far |then )?(?:(?:i|we) (?:wont|will not|havent|have not|didnt|did not"
                          r"|am not going to"
                          r"|are not going to)|nothing (?:has|was)) (?:yet |been )*(\w+)")),
        (ANY, re.compile(
            rf"^(?:that |this )?(?:i|we) (?:really |still |also |currently )?(?:dont|do not|{_UNABLE_EN}"
            rf"|wouldnt)"
            r" (?:yet |really |exactly |actually |even )*(?:know|tell|say|promise|guarantee|assure|confirm"
            r"|decide"
            r"|judge|be sure|guess)\b"
        )),
        (ANY, re.compile(
            rf"^(?:i|we) {_UNABLE_EN} (?:change|cancel|refund|give|offer|do|help|book|move|send|issue"
            rf"|apply|access"
            r"|look|check|answer|open|remove|withdraw|lift|drop|transfer|discuss|talk|speak|advise"
            r"|recommend|arrange)\b"
        )),
        (ANY, re.compile(r"^(?:i|we) (?:dont|do not) (?:currently )?have (?:that|this|the|any|more|enough"
                         r"|an?|much)*"
                         r" ?(?:information|details?|answer|data|access)\b|^im not (?:quite )?sure\b"
                         r"|^i have no (?:information|way of knowing|details)\b|^(?:that"
                         r"|this) is not for me to\b")),
        (ANY, re.compile(rf"^(?:i|we) {_UNABLE_EN} see\b.* from here$|^from here i {_UNABLE_EN} see\b")),
        (ANY, re.compile(r"^(?:i|we) (?:will )?never ask\b")),
        (ABOUT, re.compile(r"^there (?:are|is) (?:\w+ )?(?:things?|ways?|topics) (?:that )?(?:i|we) (?:can"
                           r"|could)\b")),
        (ABOUT, re.compile(rf"^(?:i|we) {_UNABLE_EN} find\b")),
        (ABOUT, re.compile(r"^i (?:didnt|did not|couldnt|dont) (?:quite )?(?:catch|hear|understand|follow"
                           r"|get)\b")),
        (HEARD, re.compile(r"^(?:(?:im|i am|were|we are) (?:so |very |really |truly |terribly )?sorry"
                           r"|(?:i|we) (?:can |do |fully |completely )?(?:understand|see|hear|realise|realize"
                           r"|appreciate|imagine))\b")),
        (WISH, re.compile(
            r"^(?:you|youre|you are|youd) (?:want|would like|like|mean|asking|calling|looking|need help)\b"
        )),
        (HEARD, re.compile(r"^(?:you|youve|you have) (?:said|say|mentioned|told|asked|wanted|meant)\b")),
        (META_ONLY, re.compile(r"^(?:im|i am|were|we are) (?:so |very |really |always )?(?:glad|happy"
                               r"|pleased|here"
                               r"|listening|afraid)\b")),
        (META_ONLY, re.compile(r"^(?:thanks|thank you|dont worry|no worries|never mind"
                               r"|have a|its my"
                               r"|it is my)\b")),
        (META_ONLY, re.compile(r"^(?:youre|you are) (?:very |quite |absolutely |so )?(?:welcome|right|kind"
                               r"|correct|upset|worried)\b")),
        (META_ONLY, re.compile(r"^(?:this|that|it|thats|its|this is|that is|what an?|how)"
                               r" (?:is |must be |sounds |seems |must have been |can be |a |an |very "
                               r"|really )*(?=\w)")),
        (ABOUT, re.compile(r"^(?:tell|say|give me|repeat|ask|describe|explain|let me know|hold|wait"
                           r"|bear with|take your"
                           r"|go ahead|choose|listen|hang|stay on the line|just tell|speak|talk to me)\b")),
        (HEARD, re.compile(
            r"^(?:let me|lets|let us|ill|i will|im going to|i am going to|i shall|allow me to|i would|id"
            r"|im|i am)"
            r" (?:just |quickly |first |gladly |happily |now |be happy to |be glad to |like to |need to "
            r"|have to )*"
            r"(?!see to|look after)(?:check|look|see|find|ask you|explain|tell you|repeat|read|help|try"
            r"|start|know"
            r"|checking|looking|reading|trying)\b"
        )),
        (ABOUT, re.compile(r"^(?:(?:i|we) (?:just |only |first |also |still |would |will )*|(?:ill"
                           r"|id) )need\b"
                           r"|^(?:i|we) (?:just |only )?have (?:a|one|another|two|some|a few) "
                           r"(?:\w+ )?questions?\b")),
        (ABOUT, re.compile(r"^(?:im|i am) (?:only |just )*(?:an?|the|here|your)\b(?! (?:real )?(?:person"
                           r"|human|somebody|man|woman))"
                           r"|^(?:i|we) (?:can |could |only |just |also |will )*(?:help|assist|answer)\b")),
        (FEW, re.compile(r"^(?:a person|somebody|someone|a colleague|they)(?: here)? (?:can"
                         r"|could) (?:explain|tell)(?: you)? "
                         r"(?:how|if|whether|what|when|where)\b")),
        (ABOUT, re.compile(
            r"^you (?:can|could|may) (?:also |always |just )*(?:ask|tell|say|talk|speak|choose|repeat"
            r"|hang up)\b"
            r"|^(?:a person|somebody|someone|a colleague|one of (?:my|our) colleagues|they) (?:can|could) "
            r"(?:also |certainly )*(?:help|talk|explain|answer|tell|assist|decide|advise)\b"
        )),
        (META_ONLY, re.compile(r"^(?:i|we) (?:can|could) (?:also |gladly )*(?:put you through|connect you"
                               r"|transfer you"
                               r"|pass you) (?:on )?to (?:a person|someone|somebody|a colleague)\b")),
        (OFFER, re.compile(r"^(?:what )?(?:i|we) (?:can|could|may) (?:also |only |just |always |then "
                           r"|do is )*(\w+)")),
    ),
}  # fmt: skip
# Of what is put in front of a question tag: "so it arrived broken, is that right?"
_TAGS = {
    "es": re.compile(
        r"^(?:verdad|no|no es (?:asi|cierto|eso)|es (?:asi|correcto|eso)|cierto|correcto|me equivoco)$"
    ),
    "en": re.compile(
        r"^(?:is that (?:right|correct|so|what you mean)|did i get that right|correct|am i right)$"
    ),
}
# A question that tells: what follows is a statement.
TELLING = {
    "es": re.compile(r"\b(?:sabia|sabe|sabias|le (?:dijeron|han dicho|consta)|le consta) "
                     r"(?:usted )?(?:ya )?(?:que)\b"),
    "en": re.compile(r"\b(?:did|do|dont|didnt) you (?:already )?(?:know|realise|realize|notice"
                     r"|hear)(?: that)?\b"
                     r"|\baware that\b|\bwere you told\b"),
}  # fmt: skip
_PASSED_ON = re.compile(r"^(?:put|connect|transfer|pass|pas(?:o|ar\w*)|pon(?:go|er\w*)|comunic(?:o|ar\w*))$")
TO_DO = {
    "es": frozenset(("hecho", "hago", "hare", "cambiado")),
    "en": frozenset(("do", "done", "did", "changed")),
}
# What is done if the caller wants it: "if you like, I'll look it up".
_OFFERED = {
    "es": re.compile(r"^(?:(?:se|le|me) )?(?:lo |la |los |las )?(?:puedo )?(\w+)"),
    "en": re.compile(r"^(?:i|we)(?: can| could| will|ll)? (\w+)|^(?:ill|well) (\w+)"),
}
SPEAK_TO = {
    "es": re.compile(
        r"\b(?:hablar(?:lo)?|preguntar(?:lo)?|consultar(?:lo)?) (?:con|a) (?:una persona|un companero"
        r"|alguien)\b"
    ),
    "en": re.compile(r"\b(?:speak|talk) (?:to|with) (?:a person|somebody|someone|a colleague)\b"),
}
_PERSON_OFFERED = {
    "es": re.compile(
        r"^(?=.*\b(?:paso|pasarle|pase|pasemos|pongo|ponerle|ponga|comunic\w+|hablar\w*|hable|atienda)\b)"
        r".*\b(?:persona|alguien|companer[oa]|agente)\b"
    ),
    "en": re.compile(
        r"^(?=.*\b(?:put|pass|connect|transfer|talk|speak)\w*\b)"
        r".*\b(?:person|human|somebody|someone|colleague|agent)\b"
    ),
}
OFFERED_IF = {
    "es": re.compile(r"\bsi (?:(?:usted )?(?:lo |la )?(?:quiere|prefiere|desea|necesita)|le parece)\b"),
    "en": re.compile(r"\bif you(?: would|d)? (?:like|want|prefer|wish|need)\b"),
}


def offers_person(sentence: str, lang: str) -> bool:
    """Whether a sentence asks whether the caller would like to talk to a person."""
    return sentence.rstrip().endswith("?") and _PERSON_OFFERED[lang].search(fold(sentence)) is not None


def is_tag(clause: str, lang: str) -> bool:
    """Whether a folded clause only asks whether what stands before it is right."""
    return _TAGS[lang].search(clause) is not None


def claims_nothing(
    clause: str,
    lang: str,
    *,
    about: Collection[str],
    does: Collection[str],
    heard: Collection[str],
    facts: Collection[str],
    idle: Collection[str] = (),
    offered: bool = False,
) -> bool:
    """Whether a folded clause is of a kind that needs no fact. ``about`` are the stems of what the flow's
    author says the conversation is about, ``does`` those of what its tools do, ``idle`` of what they have
    not done, ``heard`` the caller's, ``facts`` those of all facts. ``offered``: if the caller wants it."""
    if is_social(clause, lang):
        return True
    clause = _LEAD[lang].sub("", f"{clause} ").strip()
    if not clause or is_social(clause, lang):
        return True
    if offered and (begun := _OFFERED[lang].match(clause)) is not None:
        verb = next(filter(None, begun.groups()))
        known = not meanings(verb, lang).isdisjoint(does) or _PASSED_ON.match(verb) is not None
        if known and _only(clause[begun.end() :].split(), lang, {*about, *does}):
            return True
    for kind, opening in _FRAMES[lang]:
        found = opening.match(clause)
        if found is None:
            continue
        if kind == ANY:
            return True
        rest = clause[found.end() :].split()
        if kind == FEW:
            if len(rest) <= _MOST_WORDS and _STATING.isdisjoint(rest) and not any(map(str.isdecimal, rest)):
                return True
            continue
        if kind == IDLE:
            verb = next(filter(None, found.groups()))
            if (meanings(verb, lang) & set(idle) or verb in TO_DO[lang]) and _only(
                rest, lang, {*about, *does}
            ):
                return True
            continue
        if kind == OFFER:
            verb = found[1]
            able = not meanings(verb, lang).isdisjoint(does)
            if (able or (verb in META[lang] and not _PASSED_ON.match(verb))) and _only(
                rest, lang, {*about, *does}
            ):
                return True
            continue
        allowed = set[str]() if kind == META_ONLY else {*about, *does}
        if kind in (HEARD, WISH):
            allowed |= {*heard}
        if kind == WISH:
            allowed |= {*facts}
        if _only(rest, lang, allowed):
            return True
    return False


def restates(clause: str, lang: str, known: Collection[str]) -> bool:
    """Whether a folded clause has only words that were heard, or are about the conversation."""
    return _only(clause.split(), lang, known)


def _only(words: list[str], lang: str, known: Collection[str]) -> bool:
    light = FUNCTION[lang] | NEGATIONS[lang] | META[lang] | counting(lang)
    return all(
        word in light or word.isdecimal() or not meanings(word, lang).isdisjoint(known) for word in words
    )
