"""Amounts as people who use the currency write them, exact to the last digit.

Source of the decimals: ISO 4217 (minor units). An amount shows at least those, and up
to four where it has them: nothing is rounded away.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """How amounts of one currency are written.

    Attributes:
        pattern: ``{}`` stands for the number.
        group: Between groups of digits.
        point: Between whole and fraction.
        decimals: Least number of decimals.
        upper_group: Digits of every group but the lowest, which has three.
    """

    pattern: str
    group: str = ","
    point: str = "."
    decimals: int = 2
    upper_group: int = 3


_SPACE = "\N{NO-BREAK SPACE}"
_PLAIN = Notation(pattern="{}")
_NOTATIONS = {
    "USD": Notation(pattern="${}"),
    "EUR": Notation(pattern=f"{{}}{_SPACE}€", group=".", point=","),
    "GBP": Notation(pattern="£{}"),
    "JPY": Notation(pattern="¥{}", decimals=0),
    "CHF": Notation(
        pattern=f"CHF{_SPACE}{{}}", group="\N{RIGHT SINGLE QUOTATION MARK}"
    ),
    "CAD": Notation(pattern="${}"),
    "AUD": Notation(pattern="${}"),
    "SEK": Notation(pattern=f"{{}}{_SPACE}kr", group=_SPACE, point=","),
    "NOK": Notation(pattern=f"{{}}{_SPACE}kr", group=_SPACE, point=","),
    "DKK": Notation(pattern=f"{{}}{_SPACE}kr.", group=".", point=","),
    "PLN": Notation(pattern=f"{{}}{_SPACE}zł", group=_SPACE, point=","),
    "CZK": Notation(pattern=f"{{}}{_SPACE}Kč", group=_SPACE, point=","),
    "INR": Notation(pattern="₹{}", upper_group=2),
    "CNY": Notation(pattern="¥{}"),
    "BRL": Notation(pattern=f"R${_SPACE}{{}}", group=".", point=","),
}


def format_total(total: Decimal, currency: str) -> str:
    """Return the exact amount in its currency's notation, with its ISO code.

    For example ``$1,265,793.0395 (USD)``: the code tells currencies apart that share
    a sign. A currency without a notation is written plainly.
    """
    notation = _NOTATIONS.get(currency, _PLAIN)
    number = notation.pattern.format(_format_number(abs(total), notation))
    sign = "\N{MINUS SIGN}" if total < 0 else ""
    return f"{sign}{number} ({currency})"


def _format_number(amount: Decimal, notation: Notation) -> str:
    whole, _, fraction = f"{amount:f}".partition(".")
    fraction = fraction.rstrip("0").ljust(notation.decimals, "0")
    grouped = _group(whole, notation)
    return f"{grouped}{notation.point}{fraction}" if fraction else grouped


def _group(whole: str, notation: Notation) -> str:
    groups = [whole[-3:]]
    rest = whole[:-3]
    while rest:
        groups.append(rest[-notation.upper_group :])
        rest = rest[: -notation.upper_group]
    return notation.group.join(reversed(groups))
