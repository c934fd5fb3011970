"""Merge fields: `{user_name}` in a text that is sent stands for the user's name.

`{field|default}` stands for the default where the field is empty. A field that is unknown, or
empty without a default, stops the sending: nobody gets to read a brace. Fields may be written in
Spanish; the English names are what is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping


def _(message: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return message


FIELDS = (
    "user_name",
    "user_email",
    "agent_name",
    "agent_email",
    "recipient_name",
    "recipient_email",
    "recipient_phone",
    "sender_name",
    "sender_profile_image",
    "message",
    "attachments",
    "conversation_url_parameter",
    "conversation_id",
    "department",
    "ticket",
)
"""Besides these there is `{user:slug}` for every additional detail of a user."""

# Written without accents; compared so.
_SPANISH = {
    "nombre_usuario": "user_name",
    "correo_usuario": "user_email",
    "nombre_agente": "agent_name",
    "correo_agente": "agent_email",
    "nombre_destinatario": "recipient_name",
    "correo_destinatario": "recipient_email",
    "telefono_destinatario": "recipient_phone",
    "nombre_remitente": "sender_name",
    "imagen_perfil_remitente": "sender_profile_image",
    "mensaje": "message",
    "archivos_adjuntos": "attachments",
    "adjuntos": "attachments",
    "parametro_url_conversacion": "conversation_url_parameter",
    "id_conversacion": "conversation_id",
    "departamento": "department",
    "tique": "ticket",
}
_DETAIL = re.compile(r"(?:user|usuario):\s*(\S.*)")

_FIELD = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")


class MergeError(ValueError):
    """A merge field is unknown or empty. `message` is a message id with a `{name}` place for
    `field`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message.format(name=field))
        self.field = field
        self.message = message


def canonical(text: str) -> str:
    """The text with its merge fields in English; what is no field stays as it is."""

    def renamed(found: re.Match[str]) -> str:
        name = _english(found[1])
        if name is None:
            return found[0]
        default = "" if found[2] is None else "|" + found[2]
        return f"{{{name}{default}}}"

    return _FIELD.sub(renamed, text)


def used(text: str) -> tuple[str, ...]:
    """The fields in a text, in English, each once.

    Raises:
        MergeError: one is unknown, or a brace stands alone.
    """
    names: dict[str, None] = {}

    def noted(found: re.Match[str]) -> str:
        names[_known(found[1])] = None
        return ""

    _check_braces(_FIELD.sub(noted, text))
    return tuple(names)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in place of its fields. A value is never read as a field.

    Args:
        values: by English name; `user:slug` for an additional detail.

    Raises:
        MergeError: a field is unknown, or empty without a default, or a brace stands alone.
    """

    def value_of(found: re.Match[str]) -> str:
        name = _known(found[1])
        value = values.get(name, "").strip()
        if value:
            return value
        if found[2] is None:
            raise MergeError(name, _("{{{name}}} is empty here; write {{{name}|something else}}"))
        return str(found[2])

    _check_braces(_FIELD.sub("", text))
    return _FIELD.sub(value_of, text)


def _known(name: str) -> str:
    english = _english(name)
    if english is None:
        raise MergeError(name.strip(), _("There is no merge field {{{name}}}."))
    return english


def _english(name: str) -> str | None:
    """The English name of a field in either language; None where it is none."""
    folded = _folded(name)
    detail = _DETAIL.fullmatch(folded)
    if detail:
        return detail_field(detail[1])
    folded = _SPANISH.get(folded, folded)
    return folded if folded in FIELDS else None


def detail_field(key: str) -> str:
    """The field of a user's additional detail: `user:birth_date` for “Birth date”."""
    return "user:" + re.sub(r"[\s_-]+", "_", _folded(key))


def _folded(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name.strip().casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _check_braces(rest: str) -> None:
    for brace in "{}":
        if brace in rest:
            raise MergeError(brace, _("A brace stands alone: {name} begins or ends no field."))
