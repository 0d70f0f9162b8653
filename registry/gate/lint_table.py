"""The table of lint rules: about one schema alone; none refuses a candidate."""

from registry.gate.findings import Severity
from registry.gate.rule import Observation, Rule
from registry.gate.rules import lint
from registry.gate.rules.lint import Parts

LintRule = Rule[Parts, Observation]

LINT_RULES: tuple[LintRule, ...] = (
    Rule(
        rule_id="LINT_DOC_MISSING",
        severity=Severity.INFO,
        says="A field or a named type has no doc.",
        because="The schema is all that a consumer has; units belong into it.",
        remedy="Say what it is, with its unit and its range.",
        find=lint.find_undocumented,
    ),
    Rule(
        rule_id="LINT_FIELD_NAME",
        severity=Severity.INFO,
        says="A field is not named in lower_case.",
        because="One style spares every consumer a table of exceptions.",
        remedy="Name new fields like order_id.",
        find=lint.find_field_names,
    ),
    Rule(
        rule_id="LINT_TYPE_NAME",
        severity=Severity.INFO,
        says="A named type is not named in CapitalWords.",
        because="Code generators make classes of them.",
        remedy="Name new types like LineItem.",
        find=lint.find_type_names,
    ),
    Rule(
        rule_id="LINT_SYMBOL_NAME",
        severity=Severity.INFO,
        says="An enum's symbol is not in UPPER_CASE.",
        because="Code generators make constants of them.",
        remedy="Name new symbols like IN_TRANSIT.",
        find=lint.find_symbols,
    ),
    Rule(
        rule_id="LINT_NULLABLE_WITHOUT_DEFAULT",
        severity=Severity.WARNING,
        says="A field may be null, but null is not its default.",
        because="It cannot be dropped or left out later without breaking a reader, "
        "or a missing value reads as something else than null.",
        remedy='Write ["null", ...] with "default": null.',
        find=lint.find_nullable,
    ),
    Rule(
        rule_id="LINT_ENUM_WITHOUT_DEFAULT",
        severity=Severity.WARNING,
        says="An enum has no default.",
        because="The first new symbol will break every reader.",
        remedy="Add a symbol such as UNKNOWN, and make it the enum's default.",
        find=lint.find_enum_defaults,
    ),
    Rule(
        rule_id="LINT_DECIMAL_BOUNDS",
        severity=Severity.WARNING,
        says="A decimal's precision or scale is missing, malformed or out of bounds.",
        because="Avro ignores such a logical type silently: consumers get raw bytes.",
        remedy="Give precision >= 1 and 0 <= scale <= precision.",
        find=lint.find_decimals,
    ),
    Rule(
        rule_id="LINT_LOGICAL_TYPE_MISPLACED",
        severity=Severity.WARNING,
        says="A logicalType stands where Avro ignores it.",
        because="It is neither an error nor in force: values stay plain.",
        remedy='Write "type": {"type": "long", "logicalType": ...}.',
        find=lint.find_misplaced,
    ),
    Rule(
        rule_id="LINT_JAVA_PROPERTY",
        severity=Severity.INFO,
        says="A Java code generator's property is in the contract.",
        because="It changes the schema's identity in the registry for nobody's good.",
        remedy="Remove it; set it where the code is generated.",
        find=lint.find_java_string,
    ),
    Rule(
        rule_id="LINT_NAMESPACE_MISSING",
        severity=Severity.INFO,
        says="A named type has no namespace.",
        because="A namespace cannot be added later without renaming the type.",
        remedy="Choose one, for ever.",
        find=lint.find_namespace,
    ),
)
