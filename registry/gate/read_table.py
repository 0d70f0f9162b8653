"""The table of the registry's own rules: what Avro cannot read."""

from registry.compatibility.incompatibility import IncompatibilityType
from registry.gate.data_table import DataRule
from registry.gate.findings import Severity
from registry.gate.mismatches import AMBIGUOUS
from registry.gate.rule import Rule
from registry.gate.rules.readability import finder


def _rule(rule_id: str, says: str, because: str, remedy: str) -> DataRule:
    return Rule(
        rule_id=rule_id,
        severity=Severity.ERROR,
        says=says,
        because=because,
        remedy=remedy,
        find=finder(rule_id),
    )


READ_RULES: tuple[DataRule, ...] = (
    _rule(
        IncompatibilityType.READER_FIELD_MISSING_DEFAULT_VALUE,
        "A reader needs a field that the writer does not have, and has no default.",
        "The reader raises on every such record.",
        "Give the field a default, or keep the field.",
    ),
    _rule(
        IncompatibilityType.TYPE_MISMATCH,
        "A value is read as a type that cannot hold it.",
        "The reader raises.",
        "Keep the type; add a field of the new type.",
    ),
    _rule(
        IncompatibilityType.NAME_MISMATCH,
        "A record, enum or fixed is called differently.",
        "Named types are matched by simple name or alias.",
        "Keep the name, or add the old full name as an alias.",
    ),
    _rule(
        IncompatibilityType.MISSING_ENUM_SYMBOLS,
        "A writer knows symbols that the reader does not; there is no enum default.",
        "The reader raises on such a symbol; a field's default does not help.",
        "Keep the symbols, or give the enum a default.",
    ),
    _rule(
        IncompatibilityType.MISSING_UNION_BRANCH,
        "A writer may write a type that no branch of the reader's union reads.",
        "The reader raises on such a value.",
        "Keep the branch.",
    ),
    _rule(
        IncompatibilityType.FIXED_SIZE_MISMATCH,
        "A fixed has another size.",
        "The bytes do not line up.",
        "Keep the size; add a fixed of another name.",
    ),
    _rule(
        AMBIGUOUS,
        "A reader field is two writer fields, by its name and its aliases.",
        "Avro raises, and registries count that as incompatible.",
        "Remove the alias while the writer still has the field.",
    ),
)
