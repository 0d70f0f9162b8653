"""The table of process rules: how versions come to be, and who reads them."""

from registry.gate.findings import Severity
from registry.gate.review import Review
from registry.gate.rule import Rule
from registry.gate.rules import consumers, process
from registry.gate.rules.process import Note

ProcessRule = Rule[Review, Note]

PROCESS_RULES: tuple[ProcessRule, ...] = (
    Rule(
        rule_id="RELEASED_FILE_EDITED",
        severity=Severity.ERROR,
        says="A released version's file says something else than what was released.",
        because="Records written with it stay as they are; the file now lies about "
        "them.",
        remedy="Restore the file; put the change into the next version's file.",
        find=process.find_edited,
    ),
    Rule(
        rule_id="RELEASED_FILE_REMOVED",
        severity=Severity.ERROR,
        says="A released version has no file any more.",
        because="Nothing that comes later is compared with it.",
        remedy="Restore the file.",
        find=process.find_removed,
    ),
    Rule(
        rule_id="VERSION_SKIPPED",
        severity=Severity.ERROR,
        says="A version number is left out.",
        because="A registry counts without gaps: the file's number will be wrong.",
        remedy="Name the file by the next number.",
        find=process.find_skipped,
    ),
    Rule(
        rule_id="ROLLBACK_IS_NO_OP",
        severity=Severity.ERROR,
        says="A candidate is what an earlier version was.",
        because="A registry answers with the earlier version and makes no new one: "
        "the newest stays what it is.",
        remedy="Change something that counts, such as a doc; or remove the file.",
        find=process.find_no_op,
    ),
    Rule(
        rule_id="SOFT_DELETED_INCOMPATIBLE",
        severity=Severity.ERROR,
        says="A candidate cannot read a soft-deleted version.",
        because="Registries leave it out of the check; its records are still in the "
        "topic.",
        remedy="Stay compatible until its last record is gone.",
        find=process.find_deleted_incompatible,
    ),
    Rule(
        rule_id="LEVEL_LOWERED",
        severity=Severity.ERROR,
        says="The manifest asks for a weaker level than the baseline holds.",
        because="Whatever passes now may break those who relied on the level.",
        remedy="Keep the level; or suppress this with a reason and a day.",
        find=process.find_lowered,
    ),
    Rule(
        rule_id="MODE_NOT_READWRITE",
        severity=Severity.ERROR,
        says="The registry takes no new versions at present.",
        because="Registration will be refused.",
        remedy="Ask its owner; set the mode READWRITE.",
        find=process.find_mode,
    ),
    Rule(
        rule_id="RULE_SET_DROPPED",
        severity=Severity.WARNING,
        says="The newest version carries data contract rules.",
        because="A version registered from a file has none.",
        remedy="Register it with the rules, by the tool that set them.",
        find=process.find_rule_set,
    ),
    Rule(
        rule_id="REGISTRY_DISAGREES",
        severity=Severity.ERROR,
        says="The registry's own verdict is not the gate's.",
        because="One of the two is wrong, or its settings differ from what it shows.",
        remedy="Look at the registry's configuration of the subject.",
        find=process.find_disagreement,
    ),
    Rule(
        rule_id="READER_BROKEN",
        severity=Severity.ERROR,
        says="A consumer that the manifest names breaks.",
        because="It reads what the candidate does not have, or reads it wrongly.",
        remedy="Keep the field until the consumer has moved on.",
        find=consumers.find_broken,
    ),
)
