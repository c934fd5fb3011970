"""Templates whose values have names over the whole message, and are sent by name.

So it is at Twilio: `{{1}}` may stand in the text and in a button's address, and is one value. A
definition says so by a component of its own, `{"type": "VARIABLES", "variables": [...]}`; each
variable has a `name`, a `kind` (see `variables.Variable`) and an `example`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from vchat_tui.templates.shape import KEYED_PLACE, VARIABLE, Button, Shape, Wording
from vchat_tui.templates.values import shown


def filled_in(shape: Shape, values: Mapping[str, str]) -> Shape:
    """The shape with its values in every text; a variable without one stays as it is.

    Args:
        values: by place.
    """

    def worded(text: str) -> str:
        return VARIABLE.sub(
            lambda found: shown(values.get(KEYED_PLACE + found[1]) or found[0]), text
        )

    def button(part: Button) -> Button:
        return Button(
            kind=part.kind,
            text=worded(part.text),
            url=Wording(worded(part.url.text)),
            phone=worded(part.phone),
        )

    return msgspec.structs.replace(
        shape,
        header=Wording(worded(shape.header.text)),
        body=Wording(worded(shape.body.text)),
        footer=worded(shape.footer),
        buttons=tuple(map(button, shape.buttons)),
        cards=tuple(filled_in(card, values) for card in shape.cards),
        keyed=None,
    )


def by_name(given: Mapping[str, str]) -> dict[str, str]:
    """The values as they are sent, by name.

    Args:
        given: by place, checked.
    """
    return {place.removeprefix(KEYED_PLACE): shown(value) for place, value in given.items()}
