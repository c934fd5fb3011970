"""An order as a table: numbers at the left, where they line up, the product's name last."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from textual.content import Content

from vchat_tui.i18n import _, ngettext
from vchat_tui.orders import Line, amount, read
from vchat_tui.text import clean

SHOWN = 30  # products; the totals are of all
PRODUCT = 100  # characters
GAP = "  "


def draw_order(order: Mapping[str, Any]) -> list[Content]:
    """The products with their totals, one line each; the customer's note is drawn elsewhere."""
    told = read(order)
    count = len(told.lines)
    lines = [Content(ngettext("{n} product", "{n} products", count).format(n=count))]
    if not told.lines:
        return lines
    shown = told.lines[:SHOWN]
    amounts = [line.price for line in shown] + [line.total for line in shown]
    cents = any(number is not None and number % 1 for number in amounts)
    rows = [_cells(line, cents) for line in shown]
    sums = [(_number(total, cents), clean(currency, one_line=True))
            for currency, total in told.totals.items()]  # fmt: skip
    heads = (_("Qty"), _("Price"), _("Sum"))
    widths = [max(len(cell) for cell in (head, *column))
              for head, column in zip(heads, zip(*(row[:3] for row in rows), strict=True),
                                      strict=True)]  # fmt: skip
    widths[2] = max(widths[2], *(len(number) for number, _currency in sums), 0)
    lines.append(Content.styled(GAP.join((*_right(heads, widths), _("Product"))), "dim"))
    lines += [
        Content(GAP.join((*_right(row[:3], widths), currency, product)))
        for row in rows
        for currency, product in [row[3:]]
    ]
    if count > SHOWN:
        lines.append(Content.styled(f"… +{count - SHOWN}", "dim"))
    for number, currency in sums:
        total = GAP.join((*_right(("", "", number), widths), f"{currency}  " + _("Total")))
        lines.append(Content.styled(total, "bold"))
    if not told.complete:
        lines.append(Content.styled(_("Some lines cannot be added up."), "$text-warning"))
    return lines


def _cells(line: Line, cents: bool) -> tuple[str, str, str, str, str]:
    currency = clean(line.currency, one_line=True)
    product = clean(line.product, one_line=True, limit=PRODUCT)
    money = (_number(line.price, cents), _number(line.total, cents))
    return _number(line.quantity), *money, currency, product


def _number(value: Decimal | None, cents: bool = False) -> str:
    """A number; with `cents` at least two decimals, as its neighbours have them."""
    if value is None:
        return "?"
    return f"{value:.2f}" if cents and value % 1 == 0 else amount(value)


def _right(cells: tuple[str, ...], widths: list[int]) -> list[str]:
    return [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
