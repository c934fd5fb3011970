"""The customers of the make-believe café, as data.

Nobody here exists. Numbers are those that regulators keep for fiction (US 555-01xx, Australia
0491 570 xxx) or plainly made up; the spellings that differ between dialling and WhatsApp (Mexico,
Brazil, Argentina) are there because products trip over them.
"""

from __future__ import annotations

from vchat_tui.simulator.customers import Customer
from vchat_tui.simulator.said import (
    contact_card,
    document,
    image,
    location,
    order,
    poll,
    sticker,
    text,
    voice,
)

CAST: tuple[Customer, ...] = (
    Customer(
        key="lucia", name="Lucía 🌸", language="es",
        wa_id="5215555550101", dialled=("525555550101",), user_id="MX.1349000000000101",
        stories=(
            (text("Hola, buenas tardes 😊"), text("¿Hacen envíos a Puebla?")),
            (text("¿Qué precio tiene la caja de 12 galletas?"),),
            (image("galletas", "Así las quiero, ¿se puede?"),),
        ),
    ),
    Customer(
        key="daniel", name="Daniel", language="en",
        wa_id="12025550143", user_id="US.1349000000000102",
        stories=(
            (text("Hi! What time do you close today?"),),
            (text("I ordered yesterday and haven't heard back."), text("Order 48213")),
            (text("Is the oat milk latte back?"),),
        ),
    ),
    Customer(
        key="rafa", name="Rafa Q.", language="es",
        wa_id="5491155550101", dialled=("541155550101",), user_id="AR.1349000000000103",
        stories=(
            (voice("rafa-1"),),
            (text("Che, ¿tienen café en grano?"), text("Molido no, en grano")),
        ),
    ),
    Customer(
        key="bia", name="Bia Café & Cia", language="es",
        wa_id="551155550101", dialled=("5511955550101",), user_id="BR.1349000000000104",
        stories=(
            (text("Olá! Falo um pouco de espanhol 🙂"), text("¿Venden al por mayor?")),
            (contact_card("Tia Nena", "+5511955550102"), text("Ella también quiere comprar")),
        ),
    ),
    Customer(
        key="marta", name="Marta (panadería)", language="es",
        wa_id="34600000101", user_id="ES.1349000000000105", reads=False,
        stories=(
            (order(("croissant-6", 4, 7.2), ("pan-centeno", 2, 3.8), note="Para el viernes"),),
            (text("Buenos días, ¿está listo mi pedido?"),),
            (document("factura-marzo.pdf", "Os paso la factura"),),
            (text("¿A qué hora abrís mañana?"),),
        ),
    ),
    Customer(
        key="nico", name="nico.", language="es",
        wa_id=None, user_id="CL.1349000000000106", username="nico.viaja",
        stories=(
            (text("Hola! Los encontré por Instagram"), text("¿Tienen opciones sin gluten?")),
            (sticker(),),
        ),
    ),
    Customer(
        key="grace", name="Grace", language="en",
        wa_id="61491570156", user_id="AU.1349000000000107",
        stories=(
            (
                order(("latte-250", 2, 4.5), ("scone-1", 1, 3.0), note="For 5 pm please"),
                text("I can pick it up"),
            ),
            (location(-33.8568, 151.2153, "Opera House", "Bennelong Point"), text("I'm here")),
        ),
    ),
    Customer(
        key="tomas", name="Tomás", language="es",
        wa_id="573005550101", user_id="CO.1349000000000108",
        stories=(
            (text("¿Me pueden mandar la carta?"),),
            (poll(), text("¿Les llegó la encuesta?")),
            (text("Quiero reservar una mesa para 4 el sábado"),),
        ),
    ),
    Customer(
        key="emma", name="Emma 🐝", language="en",
        wa_id="13055550117", user_id="US.1349000000000109", username="emma.bee",
        stories=(
            (image("cup", "My cup arrived chipped 😕"), text("Could I get another one?")),
            (text("Do you have gift cards?"),),
        ),
    ),
    Customer(
        key="abuela", name="Abuela Tere", language="es",
        wa_id="5215555550102", dialled=("525555550102",), user_id="MX.1349000000000110",
        stories=(
            (voice("tere-1"), voice("tere-2")),
            (text("mijito no se usar esto"), text("quiero un pastel")),
            (text("🙏🙏"),),
        ),
    ),
    Customer(
        key="sam", name="Sam", language="en",
        wa_id="14155550132", user_id="US.1349000000000111", reachable=False,
        stories=((text("Hi, can you write me back later?"), text("My phone is dying")),),
    ),
    Customer(
        key="ines", name="Inés", language="es",
        wa_id="34600000102", user_id="ES.1349000000000112",
        stories=(
            (location(40.4153, -3.6844, "Parque", "Entrada norte"), text("¿Llegáis hasta aquí?")),
            (text("Perdona, ¿el número de seguimiento?"),),
        ),
    ),
)  # fmt: skip
