"""Believable customers and what they wrote, for tests of screens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from vchat_tui.models import (
    Conversation,
    Direction,
    Message,
    MessageError,
    Status,
    TimelineItem,
)

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday

CUSTOMERS = [
    ("Ana Belén Ríos", "34611000001", "¿Tienen talla 38 en azul?", 3, 4),
    ("Tom Becker", "4915110000002", "Thanks, that worked!", 0, 25),
    ("Lucía Fernández", "34611000003", "Perfecto, mañana paso a recogerlo", 1, 51),
    ("Grace O'Neill", "353871000004", "Could you send me the invoice again?", 2, 66),
    ("Martín Quiroga", "5491150000005", "Listo, ya transferí", 0, 140),
    ("José Ángel Núñez", "525510000006", "¿A qué hora cierran hoy?", 0, 300),
    ("Priya Raman", "447700900007", "Is delivery free above £50?", 0, 420),
    ("Sofía Castro", "573001000008", "Gracias por todo 🙏", 0, 900),
    ("Hiroshi Tanaka", "819010000009", "The blue one, please", 0, 1400),
    ("Camila Rojas", "56910000010", "¿Hacen envíos a Valparaíso?", 0, 1435),
    ("Nils Andersson", "46700000011", "OK see you then", 0, 2000),
    ("Valentina Gómez", "573001000012", "No me llegó el código", 0, 3000),
    ("Marie Dupont", "33600000013", "Merci beaucoup", 0, 5000),
    ("Diego Herrera", "51900000014", "¿Puedo cambiarlo por otro?", 0, 7000),
    ("Olivia Smith", "447700900015", "Where is my order?", 0, 9000),
    ("Pedro Sánchez Vidal", "34611000016", "Vale, espero", 0, 12000),
    ("Ingrid Larsen", "4791000017", "Great, thank you", 0, 20000),
    ("Carmen Ortiz", "34611000018", "¿Tenéis parking?", 0, 30000),
    ("Ahmed Hassan", "201000000019", "Is the shop open on Friday?", 0, 40000),
    ("Julia Novak", "420600000020", "I would like to cancel", 0, 45000),
    ("Fernando Iglesias", "34611000021", "Ok, mil gracias", 0, 60000),
    ("Beatriz Lima", "5511900000022", "Obrigada!", 0, 80000),
    ("Emily Carter", "15550000023", "See attached", 0, 90000),
    ("Raúl Mendoza", "525510000024", "¿Cuánto cuesta el envío?", 0, 120000),
]


def make_conversation(
    number: int, name: str, address: str, text: str, unread: int, minutes: int
) -> Conversation:
    """A row of the list; the last message came some minutes ago."""
    when = NOW - timedelta(minutes=minutes)
    second = number % 5 == 0
    ours = unread == 0 and number % 2 == 0
    return Conversation(
        id=number,
        user_id=number,
        inbox_id=2 if second else 1,
        inbox="Soporte" if second else "Ventas",
        channel="whatsapp_cloud",
        title=name,
        address=address,
        unread=unread,
        last_message_id=number * 1000,
        last_message_at=when,
        last_text=text,
        last_type="text",
        last_direction=Direction.OUT if ours else Direction.IN,
        last_status=[Status.READ, Status.DELIVERED, Status.SENT, Status.FAILED][number // 2 % 4]
        if ours
        else None,
        window_ends_at=when + timedelta(hours=24),
        draft="Hola, le confirmo que" if number == 6 else None,
    )


def make_item(
    number: int,
    text: str | None,
    *,
    conversation: int = 1,
    minutes: int = 10,
    direction: Direction = Direction.IN,
    status: Status | None = None,
    type: str = "text",
    **more: Any,
) -> TimelineItem:
    """A message of the timeline; fields of Message or TimelineItem in `more`."""
    when = NOW - timedelta(minutes=minutes)
    outer = {
        key: more.pop(key)
        for key in ("reactions", "quote", "edited_text", "revoked", "attempts", "client_id")
        if key in more
    }
    message = Message(
        id=number,
        conversation_id=conversation,
        user_id=conversation,
        inbox="Ventas",
        channel="whatsapp_cloud",
        direction=direction,
        author=more.pop("author", "Clara" if direction is not Direction.IN else None),
        provider_id=f"wamid.{number}",
        type=type,
        text=text,
        status=status,
        sent_at=when,
        received_at=when if direction is Direction.IN else None,
        **more,
    )
    return TimelineItem(message=message, order=(int(when.timestamp() * 1000), number), **outer)


def sample_timeline(conversation: Conversation) -> list[TimelineItem]:
    """A talk about a pair of shoes, ending in the conversation's last text."""
    n, out = conversation.id * 1000, Direction.OUT
    last = int((NOW - (conversation.last_message_at or NOW)).total_seconds() // 60)
    talk: list[tuple[int, str, Direction, Status | None]] = [
        (1500, "Hola, buenas tardes", Direction.IN, None),
        (1498, "¡Hola! Soy Clara, ¿en qué le puedo ayudar?", out, Status.READ),
        (1490, "Busco las botas de la foto del escaparate, las de ante", Direction.IN, None),
        (60, "Las tenemos en negro, marrón y azul. Del 36 al 41.", out, Status.READ),
        (58, "El precio es de 89 €, envío incluido.", out, Status.DELIVERED),
        (9, "¡Qué bien!", Direction.IN, None),
        (6, "Las querría para el viernes", Direction.IN, None),
    ]
    items = [
        make_item(n - 20 + place, text, conversation=conversation.id, minutes=last + minutes,
                  direction=direction, status=status)
        for place, (minutes, text, direction, status) in enumerate(talk)
    ]  # fmt: skip
    direction = conversation.last_direction or Direction.IN
    error = None
    if conversation.last_status is Status.FAILED:
        error = MessageError(code="131026", title="Message undeliverable")
    items.append(
        make_item(n, conversation.last_text, conversation=conversation.id, minutes=last,
                  direction=direction, status=conversation.last_status, error=error)
    )  # fmt: skip
    return items
