"""Sentences that belong to no business's intents: what ``understanding`` learns to reject."""

from __future__ import annotations

from voice.languages.base import phrase_list

BACKGROUND: dict[str, tuple[str, ...]] = {
    "es": phrase_list(
        """
        hola, buenos días, buenas tardes, qué tal está, qué tiempo hace hoy, va a llover mañana, cuéntame un
        chiste, quién ganó el partido anoche, pon música, me duele la cabeza, tengo hambre, qué hora es,
        estoy en el coche, espere que hay mucho ruido, mi perro está ladrando, no sé, cómo te llamas, eres
        un robot, cuántos años tienes, dónde vives, me gusta el fútbol, vamos a la playa el domingo, quiero
        una pizza, pon una alarma a las siete, enciende la luz, apaga la televisión, quién es el presidente,
        cuánto es dos más dos, me llamo antonio, vivo en la calle mayor, ayer fui al médico, qué película me
        recomiendas, el coche está en el taller, mi hijo está en el colegio, feliz cumpleaños, tengo que
        comprar pan, nada gracias, esto es increíble, estoy muy contento, qué desastre, bueno pues nada, a
        ver si me explico, es que verá usted, quería comentarle una cosa, tengo una pregunta, sí claro,
        muchas gracias, hasta luego, cuál es la capital de francia, traduce esta palabra, busca un
        restaurante cerca, llama a mi madre, hay mucho tráfico, se me ha olvidado, espera un momento, no te
        oigo bien, estoy hablando por teléfono, qué vas a hacer este fin de semana, me voy de vacaciones,
        reserva una mesa para cuatro, cuánto cuesta un billete de tren, a qué hora sale el avión, la cena
        está lista, está nevando
        """
    ),
    "en": phrase_list(
        """
        hello, good morning, good afternoon, how are you doing, what's the weather like today, is it going
        to rain tomorrow, tell me a joke, who won the game last night, play some music, my head hurts, i'm
        hungry, what time is it, i'm in the car, hang on it's really noisy here, my dog is barking, i don't
        know, what's your name, are you a robot, how old are you, where do you live, i like football, we're
        going to the beach on sunday, i want a pizza, set an alarm for seven, turn on the light, turn off
        the television, who is the president, what is two plus two, my name is anthony, i live on main
        street, i went to the doctor yesterday, what movie do you recommend, the car is in the garage, my
        son is at school, happy birthday, i have to buy bread, nothing thanks, this is unbelievable, i'm
        very happy, what a mess, well never mind, let me explain, the thing is you see, i wanted to tell you
        something, i have a question, yes sure, thank you very much, goodbye, what is the capital of france,
        translate this word, find a restaurant nearby, call my mother, there's a lot of traffic, i forgot,
        wait a moment, i can't hear you well, i'm on the phone, what are you doing this weekend, i'm going
        on holiday, book a table for four, how much is a train ticket, when does the plane leave, dinner is
        ready, it's snowing outside
        """
    ),
}  # fmt: skip
