"""Revenue, exact to four decimals in every database.

PostgreSQL adds NUMERIC itself. SQLite has no exact number of that size: INTEGER turns
into REAL beyond 2^63 and NUMERIC loses digits. There it is text, added here in Python
inside the writing transaction.
"""

from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Numeric, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

ADD = "accord_add"
ZERO = Decimal(0)

_PLACES = Decimal("0.0001")
_UNITS = 10_000
_DIGITS = 38
# Rather no figure than a rounded one.
_EXACT = Context(prec=_DIGITS, traps=[Inexact, InvalidOperation, Overflow])


def add_texts(left: str, right: str) -> str:
    """Return the exact sum of two texts; what SQLite calls `accord_add`.

    Args:
        left: As `to_text` writes it, with four decimals.
        right: The same; so has the sum.
    """
    return str(_EXACT.add(Decimal(left), Decimal(right)))


def units_to_text(units: int) -> str:
    """Return ten-thousandths as an amount with four decimals."""
    if units >= _UNITS:
        digits = str(units)
        return f"{digits[:-4]}.{digits[-4:]}"
    sign = "-" if units < 0 else ""
    return f"{sign}{abs(units) // _UNITS}.{abs(units) % _UNITS:04d}"


def to_text(amount: Decimal) -> str:
    """Return the amount with four decimals, such as ``1265793.0395``."""
    return f"{amount:.4f}"


def average(amount: Decimal, count: int) -> Decimal:
    """Return the amount for one of `count`, rounded half to even to four decimals."""
    return (amount / count).quantize(_PLACES) if count else ZERO


class Money(TypeDecorator[Decimal]):
    """NUMERIC(38,4) in PostgreSQL, decimal text in SQLite."""

    impl = Numeric(_DIGITS, 4)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column's type in the database."""
        is_sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(Text() if is_sqlite else Numeric(_DIGITS, 4))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:  # noqa: ANN401 - by dialect
        """Return what the driver is given."""
        if value is None or dialect.name != "sqlite":
            return value
        return to_text(value)

    def process_result_value(
        self,
        value: Any | None,  # noqa: ANN401 - by dialect
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's interface
    ) -> Decimal | None:
        """Return what the driver gave, as a Decimal."""
        return None if value is None else Decimal(value)


class ExactSum(FunctionElement[Decimal]):
    """The sum of two columns of type `Money`."""

    name = "exact_sum"
    type = Money()
    inherit_cache = True

    def __init__(
        self, left: ColumnElement[Decimal], right: ColumnElement[Decimal]
    ) -> None:
        super().__init__(left, right)


@compiles(ExactSum)
def _add_numbers(element: ExactSum, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    left, right = (compiler.process(each, **options) for each in element.clauses)
    return f"({left} + {right})"


@compiles(ExactSum, "sqlite")
def _add_decimal_texts(
    element: ExactSum,
    compiler: SQLCompiler,
    **options: Any,  # noqa: ANN401 - SQLAlchemy's own
) -> str:
    left, right = (compiler.process(each, **options) for each in element.clauses)
    return f"{ADD}({left}, {right})"
