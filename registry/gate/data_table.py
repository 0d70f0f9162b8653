"""The table of rules about data: what registries accept and consumers get wrong."""

from registry.gate.findings import Severity
from registry.gate.rule import Comparison, Observation, Rule
from registry.gate.rules import enums, fields, logical, names, numbers, records, reuse

DataRule = Rule[Comparison, Observation]

LOGICAL_RULES: tuple[DataRule, ...] = (
    Rule(
        rule_id="LOGICAL_TYPE_CHANGED",
        severity=Severity.ERROR,
        says="Both sides give a value a logical type, but not the same one.",
        because="Registries compare base types only. Python reads with the writer's "
        "logical type, Java with the reader's: the same bytes, different moments.",
        remedy="Add a field of the new logical type and keep the old one.",
        find=logical.find_changed,
    ),
    Rule(
        rule_id="LOGICAL_TYPE_ADDED",
        severity=Severity.ERROR,
        says="A plain value becomes a date, a time, a decimal or a UUID.",
        because="What was written before was never meant that way; Java converts it "
        "all the same, or raises.",
        remedy="Add a field of the logical type and keep the plain one.",
        find=logical.find_added,
    ),
    Rule(
        rule_id="LOGICAL_TYPE_REMOVED",
        severity=Severity.WARNING,
        says="A date, a time, a decimal or a UUID becomes a plain value.",
        because="Java readers get the bare number or bytes, Python readers go on "
        "getting what the writer meant.",
        remedy="Keep the logical type.",
        find=logical.find_removed,
    ),
    Rule(
        rule_id="DECIMAL_SCALE_CHANGED",
        severity=Severity.ERROR,
        says="A decimal keeps its bytes while its point moves.",
        because="The bytes hold the number without its point: Java readers are wrong "
        "by powers of ten.",
        remedy="Add a field with the new scale and keep the old one.",
        find=logical.find_scale,
    ),
    Rule(
        rule_id="DECIMAL_PRECISION_LOWERED",
        severity=Severity.WARNING,
        says="A reader's decimal has fewer digits than were written.",
        because="The reader gets values beyond its own declaration, and fails when it "
        "writes them again.",
        remedy="Keep the precision, or raise it.",
        find=logical.find_precision,
    ),
)

VALUE_RULES: tuple[DataRule, ...] = (
    Rule(
        rule_id="NUMBER_LOSES_DIGITS",
        severity=Severity.WARNING,
        says="A whole number is read as a floating-point number with too few digits.",
        because="Above 2^24 (float) or 2^53 (double) neighbours become one number.",
        remedy="Keep the type; add a field if fractions are needed.",
        find=numbers.find_lossy,
    ),
    Rule(
        rule_id="BYTES_READ_AS_STRING",
        severity=Severity.ERROR,
        says="Bytes are read as a string.",
        because="Bytes that are no UTF-8 make Python raise; Java replaces them, and "
        "the data is lost silently.",
        remedy="Keep bytes; add a string field.",
        find=numbers.find_bytes_as_text,
    ),
    Rule(
        rule_id="STRING_READ_AS_BYTES",
        severity=Severity.WARNING,
        says="A string is read as bytes.",
        because="Consumers get encoded text where text was meant.",
        remedy="Keep string; add a bytes field.",
        find=numbers.find_text_as_bytes,
    ),
    Rule(
        rule_id="UNION_CHANGES_TYPE",
        severity=Severity.WARNING,
        says="A union of several types takes a value with another type than its own.",
        because="Readers take the first branch that can hold the value, and do not "
        "agree which that is: type and value change without an error.",
        remedy="Put the writer's own type into the union, before what it promotes to.",
        find=numbers.find_union_choice,
    ),
    Rule(
        rule_id="ENUM_SYMBOL_SWALLOWED",
        severity=Severity.WARNING,
        says="A reader reads symbols that it lacks as its enum's default.",
        because="The registry is content, the symbol is gone. For a new symbol: "
        "deploy readers first.",
        remedy="Keep removed symbols; give new ones to readers before writers.",
        find=enums.find_swallowed,
    ),
    Rule(
        rule_id="LINT_NULLABLE_ENUM_SYMBOL_SWALLOWED",
        severity=Severity.INFO,
        says="The same, where the value may be null as well.",
        because="Such a reader is prepared for a missing value; it still gets the "
        "default instead of the symbol.",
        remedy="Keep removed symbols.",
        find=enums.find_swallowed_nullable,
    ),
    Rule(
        rule_id="ENUM_DEFAULT_CHANGED",
        severity=Severity.WARNING,
        says="Symbols that nobody knows become another default than before.",
        because="Two readers of one record disagree, and neither notices.",
        remedy="Keep the enum's default.",
        find=enums.find_default_changed,
    ),
)

FIELD_RULES: tuple[DataRule, ...] = (
    Rule(
        rule_id="FIELD_RENAMED_WITHOUT_ALIAS",
        severity=Severity.WARNING,
        says="A field vanishes and another of its type appears with a default.",
        because="Every old value is read as the default; the registry is content, "
        "since a default is there.",
        remedy="Give the new field the old name as an alias, or keep the old field.",
        find=fields.find_renamed,
    ),
    Rule(
        rule_id="FIELD_READ_AS_INVENTED",
        severity=Severity.WARNING,
        says="A missing field is read as a default that does not mean nothing.",
        because="Nobody wrote the value, and no reader can tell it from one that was.",
        remedy="Make the default null, zero or empty; or the enum's own default.",
        find=fields.find_invented,
    ),
    Rule(
        rule_id="DEFAULT_CHANGED",
        severity=Severity.WARNING,
        says="A field's default is another than before.",
        because="A record without the field reads as one value here and as another "
        "there, for ever.",
        remedy="Keep the default; write the new value explicitly.",
        find=fields.find_default_changed,
    ),
    Rule(
        rule_id="FIELD_NAME_REUSED",
        severity=Severity.WARNING,
        says="A field that was dropped is back.",
        because="Records of then are read as if the name still meant the same.",
        remedy="Choose another name.",
        find=reuse.find_reused,
    ),
    Rule(
        rule_id="UNIT_CHANGED_IN_DOC",
        severity=Severity.WARNING,
        says="The doc of a field names another unit, while the numbers stay.",
        because="Whoever reads the doc misreads every value written before.",
        remedy="Add a field for the new unit, with the unit in its name.",
        find=records.find_unit,
    ),
)

NAME_RULES: tuple[DataRule, ...] = (
    Rule(
        rule_id="FIELDS_CROSSED",
        severity=Severity.ERROR,
        says="Two fields take each other's place by their aliases.",
        because="Their values are exchanged, and both types fit.",
        remedy="Give each field the alias of its own former name.",
        find=names.find_crossed,
    ),
    Rule(
        rule_id="ALIAS_MOVED",
        severity=Severity.ERROR,
        says="An alias that belonged to one field belongs to another.",
        because="Old records fill another field than they did yesterday.",
        remedy="Leave the alias where it was.",
        find=names.find_moved,
    ),
    Rule(
        rule_id="ALIAS_CLAIMED_TWICE",
        severity=Severity.ERROR,
        says="Two reader fields read one field of the writer.",
        because="Java gives it to one of them and the default to the other.",
        remedy="Let one field alone have the name or alias.",
        find=names.find_claimed_twice,
    ),
    Rule(
        rule_id="NAMESPACE_HIDES_ALIAS",
        severity=Severity.ERROR,
        says="A field has an alias, but its record's full name has changed.",
        because="Java looks for field aliases by the record's full name: it reads "
        "the default silently, or raises.",
        remedy="Give the record its old full name as an alias.",
        find=names.find_hidden_alias,
    ),
    Rule(
        rule_id="TYPE_ALIAS_COLLIDES",
        severity=Severity.ERROR,
        says="A type's alias is the name of another type of the writer.",
        because="Java renames the wrong type and raises.",
        remedy="Remove the alias.",
        find=names.find_alias_of_another,
    ),
    Rule(
        rule_id="NAMESPACE_CHANGED",
        severity=Severity.WARNING,
        says="A type moved to another namespace without an alias.",
        because="Registries compare simple names; the Python avro package does not, "
        "and generated classes move.",
        remedy="Keep the namespace, or add the old full name as an alias.",
        find=names.find_namespace,
    ),
    Rule(
        rule_id="RECORD_EMPTIED",
        severity=Severity.WARNING,
        says="A record with fields is read without any of them.",
        because="It reads as nothing but defaults, whatever was written.",
        remedy="Keep the fields, or give the record a new name.",
        find=records.find_emptied,
    ),
    Rule(
        rule_id="UNION_RECORD_GUESSED",
        severity=Severity.ERROR,
        says="Several records of a union fit what was written.",
        because="Python takes the first of the same simple name, Java the one of the "
        "same full name.",
        remedy="Give the records different simple names.",
        find=records.find_guessed,
    ),
)

DATA_RULES = (*LOGICAL_RULES, *VALUE_RULES, *FIELD_RULES, *NAME_RULES)
