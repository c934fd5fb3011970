"""One message of every kind and state."""

from __future__ import annotations

from stub_desk import make_item

from vchat_tui.models import (
    Direction,
    Media,
    MessageError,
    Reaction,
    ReactionMark,
    Reply,
    Status,
)

OUT = Direction.OUT

ALL = [
    make_item(1, "Foto del recibo", minutes=60, type="image",
              media=(Media(mime_type="image/jpeg", size=182_344, state="ready"),)),
    make_item(2, None, minutes=59, type="audio",
              media=(Media(mime_type="audio/ogg", size=9_344, voice=True, state="pending"),)),
    make_item(3, None, minutes=58, type="document",
              media=(Media(filename="factura marzo.pdf", mime_type="application/pdf",
                           size=2_182_344, state="failed"),)),
    make_item(4, None, minutes=57, type="location",
              location={"latitude": 40.4168, "longitude": -3.7038, "name": "Puerta del Sol"}),
    make_item(5, None, minutes=56, type="contacts",
              contacts=({"name": {"formatted_name": "Luis"}, "phones": [{"phone": "+34 600"}]},)),
    make_item(6, None, minutes=55, type="order",
              order={"catalog_id": "1", "product_items": [
                  {"product_retailer_id": "BOTA-38", "quantity": 1, "item_price": 89,
                   "currency": "EUR"}]}),
    make_item(7, None, minutes=54, type="interactive", reply=Reply(id="a", title="Sí, por favor")),
    make_item(8, None, minutes=53, type="form", form={"color": "azul", "talla": "38"}),
    make_item(9, None, minutes=52, type="reaction",
              reaction=Reaction(message_id="wamid.1", emoji="👍")),
    make_item(10, "Ana changed her number", minutes=51, type="system"),
    make_item(11, None, minutes=50, type="unsupported"),
    make_item(12, None, minutes=49, type="hologram", raw={"type": "hologram"}),
    make_item(13, "Gracias", minutes=48, quote="El precio es de 89 €, envío incluido.",
              reactions=(ReactionMark(emoji="❤", direction=OUT),), edited_text="Muchas gracias"),
    make_item(14, "Esto era un error", minutes=47, revoked=True),
    make_item(15, "\n".join(f"línea {n}" for n in range(100)), minutes=46),
    *[
        make_item(20 + place, f"Mensaje {status.value}", minutes=40 - place, direction=OUT,
                  status=status,
                  error=MessageError(code="131047", title="Re-engagement message")
                  if status is Status.FAILED else None)
        for place, status in enumerate(Status)
    ],
    make_item(40, "Llamar mañana", minutes=5, direction=Direction.NOTE, type="note"),
]  # fmt: skip
