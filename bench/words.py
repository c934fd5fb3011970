"""What customers and agents say: Spanish and English words, few of them often, many rarely."""

from __future__ import annotations

import random
from itertools import accumulate

_OFTEN = (  # noqa: SIM905 (a list of strings would be hard to read)
    "hola gracias buenas tardes quiero saber el precio de la caja grande cuánto cuesta envío a mi "
    "pedido no ha llegado todavía cuando llega por favor tienen talla mediana en color azul café "
    "pago con tarjeta puedo recoger mañana dirección factura sí claro perfecto muchas hello thanks "
    "order please when does it arrive how much is the delivery to my address can you check refund "
    "size blue need help with payment card yes ok good morning great invoice change cancel today"
).split()
COMMON = "gracias"
RARE = "zafirolindo"  # no syllables of ours make it; the seed puts it where it is wanted
_SYLLABLES = [consonant + vowel for consonant in "bcdfglmnprstv" for vowel in "aei"]
_RARELY = 30_000


class Speaker:
    """Says texts, the same ones for the same seed.

    Args:
        seed: of the chance.
    """

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        made = random.Random(7)  # the vocabulary is the same for every speaker
        rarely = ["".join(made.choices(_SYLLABLES, k=made.randint(2, 5))) for _ in range(_RARELY)]
        self._words = [*_OFTEN, *rarely]
        weights = (1 / (place + 3) for place in range(len(self._words)))
        self._weights = list(accumulate(weights))

    def text(self) -> str:
        """A message: most are short, few have forty words."""
        length = min(40, 1 + int(self._rng.expovariate(1 / 8)))
        return " ".join(self._rng.choices(self._words, cum_weights=self._weights, k=length))
