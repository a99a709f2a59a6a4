"""What summaries are made of: the sentences of each language, with the facts left open.

``reason`` clauses stand within a sentence; in English those of the caller's own doing (:data:`OWN_DOING`)
need a subject there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from voice.languages.base import word_list

REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "es": {
        "caller_asked": "pidió hablar con una persona",
        "no_match": "el asistente no consiguió entender lo que decía",
        "no_input": "dejó de contestar al asistente",
        "flow": "esta gestión la termina una persona",
        "action_failed": "falló una consulta a nuestros sistemas",
        "not_verified": "no se pudo comprobar su identidad",
        "correction": "quiere corregir algo que el asistente ya había hecho",
        "urgent": "es urgente",
        "loop": "la conversación no avanzaba",
        "fault": "el asistente tuvo un fallo",
        "friction": "la conversación se le estaba haciendo difícil",
        "time": "la llamada llegaba a su duración máxima",
    },
    "en": {
        "caller_asked": "asked to speak to a person",
        "no_match": "the assistant could not understand them",
        "no_input": "stopped answering the assistant",
        "flow": "this is one for a person to finish",
        "action_failed": "one of our systems did not answer",
        "not_verified": "their identity could not be proved",
        "correction": "wants to correct something that the assistant had already done",
        "urgent": "it is urgent",
        "loop": "the conversation was going in circles",
        "fault": "the assistant had a fault",
        "friction": "the conversation was getting hard for them",
        "time": "the call was reaching its longest duration",
    },
}
OWN_DOING: Final = frozenset({"caller_asked", "no_input", "correction"})

SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "es": {
        "urgent": "Urgente.",
        "does": "Quiere {intent}.",
        "does_said": "Quiere {intent}: «{quote}».",
        "wants": "Llama por {intent}.",
        "wants_said": "Llama por {intent}: «{quote}».",
        "maybe": "Parece que llama por {intent} (seguridad del {percent} %){others}.",
        "maybe_does": "Parece que quiere {intent} (seguridad del {percent} %){others}.",
        "or": ", aunque podría ser {intents}",
        "also": "También quería: {intents}.",
        "own": "Lo dijo así: «{quote}».",
        "said": "No llegó a quedar claro qué quiere; dijo: «{quote}».",
        "silent": "No llegó a decir qué quiere.",
        "said_short": "Dijo «{quote}»",
        "silent_short": "Sin motivo conocido",
        "verified": "Demostró su identidad con {slots}.",
        "confirmed": "Confirmó {slots}.",
        "given": "Dio {slots}.",
        "unconfirmed": "Dio {slots}, que queda por confirmar.",
        "unconfirmed_many": "Dio {slots}, que quedan por confirmar.",
        "dropped": "Antes había dicho {slots}, que no se dio por bueno.",
        "dropped_many": "Antes había dicho {slots}, que no se dieron por buenos.",
        "yes_no": "A «{label}» respondió que {value}{open}.",
        "yes_no_does": "A la pregunta de {label} respondió que {value}{open}.",
        "yes_no_is": "{label}: {value}{open}.",
        "yes_no_open": " (por confirmar)",
        "noted": "La aplicación externa anotó {slots}.",
        "known": "En el sistema consta {slots}.",
        "known_many": "En el sistema constan {slots}.",
        "hidden": "no se muestra",
        "sure": "seguridad del {percent} %",
        "ok": "El asistente pudo {what}.",
        "answered": "Ya se le contestó sobre {what}.",
        "answered_wish": "Quería {what} y ya se le contestó.",
        "answered_it": "Ya se le dio la respuesta.",
        "told_it": "Ya se le dijo: «{what}».",
        "talk.answered": "Al {what}, ya se le dijo: «{told}».",
        "talk.answered_on": "Sobre {what}, ya se le dijo: «{told}».",
        "talk.unanswered": "El asistente intentó {what}, sin llegar a dar una respuesta.",
        "talk.unanswered_on": "El asistente intentó ayudar con {what}, sin llegar a dar una respuesta.",
        "handed": "Al {what}, la aplicación pidió que siguiera una persona.",
        "failed": "No se pudo {what} porque falló el sistema.",
        "timeout": "No se pudo {what} porque el sistema no respondió a tiempo.",
        "not_found": "Al {what}, no se encontró nada.",
        "late": "El asistente pudo {what}, tras una larga espera.",
        "running": "Quedó sin terminar: {what}.",
        "changed": "El asistente pudo {what} y después lo corrigió como pidió.",
        "unchanged": "Al {what} se usaron datos que después corrigió: falta cambiarlo.",
        "unchecked": "No se pudo {what} porque el sistema no contestó: no se sabe si es correcto.",
        "uncertain": "Al {what}, el sistema no confirmó nada: puede que se haya hecho.",
        "uncertain_change": "Al {what} se usaron datos que después corrigió: no se sabe si quedó cambiado.",
        "verify_failed": "Al {what}, lo que dio no era correcto.",
        "verify_locked": "Al {what}, quedó bloqueado por demasiados intentos.",
        "ask.no_input": "Al pedirle {what}, no se oyó respuesta.",
        "ask.no_match": "Al pedirle {what}, no se entendió la respuesta.",
        "ask.unknown": "No tenía a mano {what}.",
        "ask.rejected": "Al pedirle {what}, dijo que lo entendido no era correcto.",
        "question.no_input": "A «{what}» no se oyó respuesta.",
        "question.no_match": "A «{what}» no se entendió la respuesta.",
        "question.unknown": "A «{what}» dijo que no lo sabía.",
        "menu.no_input": "Al preguntarle el motivo, no se oyó respuesta.",
        "menu.no_match": "Al preguntarle el motivo, no se entendió la respuesta.",
        "other": "El asistente intentó {what}.",
        "nothing": "El asistente no llegó a intentar nada.",
        "times": " ({n} veces)",
        "why.caller_asked": "Pidió hablar con una persona{where}.",
        "why": "Pasa a una persona porque {reason}{where}.",
        "why.flow": "Esta gestión la termina una persona.",
        "why_so": "Por eso pasa a una persona.",
        "where": ", cuando se le pedía {what}",
        "where_many": ", cuando se le pedían {what}",
        "calm": "Habla con calma.",
        "frustrated": "Se nota molestia.",
        "frustrated_why": "Se nota molestia: {why}.",
        "speaks": "Habla inglés.",
        "next.ask": "Para empezar, pregunta qué necesita.",
        "next.unsure": "Antes de nada, confirma el motivo.",
        "next.failed": "Queda pendiente {what}.",
        "next.uncertain": "Antes de repetir nada, comprueba en el sistema cómo quedó: {what}.",
        "next.correct": "Falta corregir lo que ya está hecho: {what}.",
        "next.identify": "Antes de dar ningún dato, comprueba quién llama.",
        "next.not_found": "Repasa los datos con quien llama: con ellos no se encontró nada.",
        "next.confirm": "Antes de seguir, confirma {what}.",
        "next.answered": "Ya tiene lo que pedía: pregunta qué más necesita.",
        "next.go": "Puedes ir directamente al asunto.",
        "next.hurry": "Atiende esto cuanto antes.",
        "next.gently": "No vuelvas a preguntarle lo que ya ha dicho.",
    },
    "en": {
        "urgent": "Urgent.",
        "does": "They want to {intent}.",
        "does_said": "They want to {intent}: “{quote}”.",
        "wants": "Calling about {intent}.",
        "wants_said": "Calling about {intent}: “{quote}”.",
        "maybe": "Probably calling about {intent} ({percent}% sure){others}.",
        "maybe_does": "They probably want to {intent} ({percent}% sure){others}.",
        "or": ", though it could be {intents}",
        "also": "They also wanted: {intents}.",
        "own": "In their words: “{quote}”.",
        "said": "What they want never became clear; they said: “{quote}”.",
        "silent": "They never said what they want.",
        "said_short": "Said “{quote}”",
        "silent_short": "Reason unknown",
        "verified": "They proved their identity with {slots}.",
        "confirmed": "They confirmed {slots}.",
        "given": "They gave {slots}.",
        "unconfirmed": "They gave {slots}, which still needs confirming.",
        "unconfirmed_many": "They gave {slots}, which still need confirming.",
        "dropped": "Earlier they had said {slots}, which was not accepted.",
        "dropped_many": "Earlier they had said {slots}, which were not accepted.",
        "yes_no": "To “{label}” they answered {value}{open}.",
        "yes_no_does": "Asked whether to {label}, they said {value}{open}.",
        "yes_no_is": "{label}: {value}{open}.",
        "yes_no_open": " (not confirmed)",
        "noted": "The external application noted {slots}.",
        "known": "Our records show {slots}.",
        "known_many": "Our records show {slots}.",
        "hidden": "not shown",
        "sure": "{percent}% sure",
        "ok": "The assistant managed to {what}.",
        "answered": "Already answered: {what}.",
        "answered_wish": "They wanted to {what}, and were answered.",
        "answered_it": "They were given the answer.",
        "told_it": "They were told: “{what}”.",
        "talk.answered": "Trying to {what}, the assistant told them: “{told}”.",
        "talk.answered_on": "About {what}, they were told: “{told}”.",
        "talk.unanswered": "The assistant tried to {what}, without coming to an answer.",
        "talk.unanswered_on": "The assistant tried to help with {what}, without coming to an answer.",
        "handed": "When the assistant tried to {what}, the application asked for a person to go on.",
        "failed": "The assistant could not {what} because the system failed.",
        "timeout": "The assistant could not {what} because the system did not answer in time.",
        "not_found": "When the assistant tried to {what}, nothing was found.",
        "late": "The assistant managed to {what}, after a long wait.",
        "running": "Still unfinished: {what}.",
        "changed": "The assistant managed to {what}, and then corrected it as they asked.",
        "unchanged": "To {what}, details were used that they corrected afterwards: "
        "that still needs changing.",
        "unchecked": "The assistant could not {what} because the system did not answer: "
        "whether it is right is not known.",
        "uncertain": "When the assistant tried to {what}, the system confirmed nothing: "
        "it may have been done.",
        "uncertain_change": "To {what}, details were used that they corrected afterwards: "
        "whether that was changed is not known.",
        "verify_failed": "When the assistant tried to {what}, what they gave was not right.",
        "verify_locked": "When the assistant tried to {what}, it was locked after too many tries.",
        "ask.no_input": "Asked for {what}, they did not answer.",
        "ask.no_match": "Asked for {what}, they could not be understood.",
        "ask.unknown": "They did not have {what} at hand.",
        "ask.rejected": "Asked for {what}, they said that what was understood was wrong.",
        "question.no_input": "To “{what}” they did not answer.",
        "question.no_match": "To “{what}” their answer could not be understood.",
        "question.unknown": "To “{what}” they said that they did not know.",
        "menu.no_input": "Asked why they were calling, they did not answer.",
        "menu.no_match": "Asked why they were calling, they could not be understood.",
        "other": "The assistant tried {what}.",
        "nothing": "The assistant had not tried anything yet.",
        "times": " ({n} times)",
        "why.caller_asked": "They asked to speak to a person{where}.",
        "why": "Handed over because {reason}{where}.",
        "why.flow": "This is one for a person to finish.",
        "why_so": "That is why a person takes over.",
        "where": ", while being asked for {what}",
        "where_many": ", while being asked for {what}",
        "calm": "They sound calm.",
        "frustrated": "They sound frustrated.",
        "frustrated_why": "They are frustrated: the caller {why}.",
        "speaks": "They speak Spanish.",
        "next.ask": "Start by asking what they need.",
        "next.unsure": "First of all, check what the call is about.",
        "next.failed": "Still to do: {what}.",
        "next.uncertain": "Before repeating anything, check in the system how this ended: {what}.",
        "next.correct": "Correct what has already been done: {what}.",
        "next.identify": "Before giving anything away, check who is calling.",
        "next.not_found": "Go over the details with them: nothing was found with those.",
        "next.confirm": "Before going on, confirm {what}.",
        "next.answered": "They have what they asked for: find out what else they need.",
        "next.go": "You can go straight to the matter.",
        "next.hurry": "Take this one first.",
        "next.gently": "Do not ask again what they have already said.",
    },
}

# an English label that begins with one of these is what to do
ONLY_VERBS: Final = frozenset(
    word_list(
        """
        activate add advise apply ask cancel choose complain confirm connect erase explain extend get give go
        hear hire know learn make modify postpone put receive recover redeem remember renew resolve see sell
        send solve speak subscribe tell unblock unsubscribe verify
        """
    )
)
# ... and with one of these, if one of AFTER_VERBS follows: "order status" is no verb
VERBS: Final = frozenset(
    word_list(
        """
        answer appeal assist block book buy call change chat check claim close collect complete contact
        contract correct discuss find fix guide help join leave move open order pay pick port query
        recharge register repeat report request reserve reset return review schedule set sign start stop
        switch talk top track transfer try update upgrade view
        """
    )
)
AFTER_VERBS: Final = frozenset(
    word_list(
        "a an the your my their some any about to with for from out up off on in another how what when if "
        "something anything one it this that"
    )
)
# Spanish nouns that end like infinitives
NOT_VERBS: Final = frozenset(
    word_list("lugar alquiler taller hogar mujer par celular titular familiar altar placer poder ayer radar")
)
