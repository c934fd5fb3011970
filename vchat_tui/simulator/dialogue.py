"""How customers answer: a few keyword rules, and a patience that ends.

An answer depends on the agent's words and on seeded chance only, so a seed replays.
"""

from __future__ import annotations

import random
import re
from typing import Any

from vchat_tui.simulator.customers import Customer
from vchat_tui.simulator.said import (
    Said,
    image,
    list_row,
    location,
    order,
    reaction,
    reply_button,
    template_button,
    text,
)
from vchat_tui.simulator.templates import component, find

PATIENCE = 6  # answers until the customer goes quiet: two machines never talk for ever

# What the agent says -> what the customer answers, by language. The first match counts.
_RULES: dict[str, tuple[tuple[str, tuple[Said, ...]], ...]] = {
    "es": (
        (r"algo más|de nada|un placer|buen día|hasta luego|gracias a ti",
         (text("No, eso es todo. ¡Muchas gracias!"), text("Todo bien, gracias 🙌"))),
        (r"n[uú]mero de (pedido|orden)|qué pedido|folio", (text("Es el 48213"),)),
        (r"direcci[oó]n|ubicaci[oó]n|d[oó]nde",
         (location(19.4326, -99.1332, "Casa", "Calle Ejemplo 12"),)),
        (r"foto|imagen", (image("respuesta", "Aquí va"),)),
        (r"correo|e-?mail", (text("Es cliente@example.com"),)),
        (r"nombre|quién", (text("A mi nombre, por favor"),)),
        (r"precio|cuesta|[$€]|pesos|euros",
         (text("Perfecto, ¿y el envío?"), text("Ah, muy bien. ¿Aceptan tarjeta?"))),
        (r"abrimos|cerramos|horario|hasta las",
         (text("Genial, paso más tarde"), text("Ok, allí estaré"))),
        (r"momento|minuto|reviso|consulto", (text("Claro, espero"), text("Sin prisa 🙂"))),
        (r"https?://", (text("Ya lo vi, gracias"),)),
        (r"lament|disculp|perd[oó]n", (text("No pasa nada"),)),
        (r"hola|buen[oa]s", (text("Hola, gracias por responder"), text("¡Hola!"))),
        (r"\?", (text("Sí, por favor"), text("Mmm, déjame pensarlo"), text("Creo que sí"))),
    ),
    "en": (
        (r"anything else|welcome|have a (nice|good)|bye|pleasure",
         (text("No, that's all. Thank you!"), text("All good, thanks 🙌"))),
        (r"order number|which order", (text("It's 48213"),)),
        (r"address|location|where",
         (location(38.8977, -77.0365, "Home", "12 Example Street"),)),
        (r"photo|picture", (image("answer", "Here it is"),)),
        (r"e-?mail", (text("customer@example.com"),)),
        (r"\bname\b|\bwho\b", (text("Just under my name, please"),)),
        (r"price|cost|[$€]|dollars", (text("Great. And shipping?"), text("Do you take cards?"))),
        (r"open|close|hours|until", (text("Perfect, see you later"), text("OK, I'll be there"))),
        (r"moment|minute|check", (text("Sure, I'll wait"), text("No rush 🙂"))),
        (r"https?://", (text("Got it, thanks"),)),
        (r"sorry|apolog", (text("No worries"),)),
        (r"\bhi\b|hello|good (morning|afternoon)", (text("Hi, thanks for answering"),)),
        (r"\?", (text("Yes, please"), text("Let me think about it"), text("I think so"))),
    ),
}  # fmt: skip
_OTHERWISE: dict[str, tuple[Said, ...]] = {
    "es": (text("Ah, entiendo"), text("Ok, gracias"), text("Perfecto 👍")),
    "en": (text("I see"), text("OK, thanks"), text("Perfect 👍")),
}
_ENDS = re.compile(r"es todo|that's all|Todo bien|All good")


class Brain:
    """One customer's side of the conversation.

    Args:
        seed: the same seed gives the same answers to the same words.
    """

    def __init__(self, customer: Customer, seed: int) -> None:
        self._customer = customer
        self._random = random.Random(f"{seed}:{customer.key}")  # noqa: S311 - play, not secrets
        self._patience = PATIENCE
        self._next_story = 0

    def tell(self) -> tuple[Said, ...]:
        """What the customer sends of their own accord now; empty for those who never write."""
        stories = self._customer.stories
        if not stories:
            return ()
        self._patience = PATIENCE
        story = stories[self._next_story % len(stories)]
        self._next_story += 1
        return story

    def answer(self, message_id: str, body: dict[str, Any]) -> Said | None:
        """What the customer says to a message of ours; None: nothing.

        Args:
            message_id: the message's id, for a reaction to it.
            body: what was sent, as POST /messages took it.
        """
        if self._patience <= 0:
            return None
        self._patience -= 1
        kind = body.get("type", "text")
        if kind == "reaction":
            return None
        if kind == "interactive":
            return self._tap(body["interactive"])
        if kind == "template":
            return self._tap_template(body["template"])
        if kind != "text":
            return reaction(message_id, self._random.choice("👍😍🙏"))
        said = self._speak(body["text"]["body"])
        if said.type == "text" and _ENDS.search(said.content["body"]):
            self._patience = 0
        elif self._random.random() < 0.15:
            return reaction(message_id, "👍")
        return said

    def _speak(self, words: str) -> Said:
        for pattern, answers in _RULES[self._customer.language]:
            if re.search(pattern, words, re.IGNORECASE):
                return self._random.choice(answers)
        return self._random.choice(_OTHERWISE[self._customer.language])

    def _tap(self, content: dict[str, Any]) -> Said | None:
        kind = content["type"]
        if kind == "button":
            reply = self._random.choice(content["action"]["buttons"])["reply"]
            return reply_button(reply["id"], reply["title"])
        if kind == "list":
            rows = [row for section in content["action"]["sections"] for row in section["rows"]]
            row = self._random.choice(rows)
            return list_row(row["id"], row["title"])
        if kind == "location_request_message":
            return location(19.4326, -99.1332, "Casa", "Calle Ejemplo 12")
        if kind in ("product", "product_list"):
            return self._order(content["action"])
        return None

    def _order(self, action: dict[str, Any]) -> Said:
        """One or two of each of some products that were shown."""
        shown = (
            [action.get("product_retailer_id")]
            if "product_retailer_id" in action
            else [
                item["product_retailer_id"]
                for section in action["sections"]
                for item in section["product_items"]
            ]
        )
        chosen = self._random.sample(shown, self._random.randint(1, min(3, len(shown))))
        lines = [(str(p), self._random.randint(1, 2), 2.5 + len(str(p)) % 7) for p in chosen]
        return order(*lines, note="")

    def _tap_template(self, content: dict[str, Any]) -> Said:
        template = find(content["name"], content["language"]["code"])
        buttons = component(template, "BUTTONS") if template else None
        labels = [
            b["text"] for b in (buttons or {}).get("buttons", ()) if b["type"] == "QUICK_REPLY"
        ]
        if not labels:
            return self._random.choice(_OTHERWISE[self._customer.language])
        label = self._random.choice(labels)
        return template_button(label, label)
