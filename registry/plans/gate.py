"""The gate as a plan's judge: what `contracts check` refuses, no plan contains."""

from collections.abc import Sequence
from pathlib import Path

from registry.client import RegistryClient
from registry.gate.baselines import RegistryBaseline
from registry.gate.findings import Finding, Severity
from registry.gate.judge import Settings, judge
from registry.gate.references import load_folder
from registry.names import Subject
from registry.plans.model import Refusal


class Gate:
    """Judges a folder's candidates against a registry.

    Args:
        folder: The folder.
        client: Connection to the registry.
    """

    def __init__(self, folder: Path, client: RegistryClient) -> None:
        self._folder = folder
        self._client = client

    def find_refusals(self, subjects: Sequence[Subject]) -> list[Refusal]:
        """Return the findings that are errors and not suppressed.

        Raises:
            ConfigError: A version of the registry cannot be read.
            InvalidContract: A file cannot be read.
            RegistryUnavailable: No registry answers.
        """
        folder = load_folder(self._folder)
        baseline = RegistryBaseline(self._client)
        report = judge(folder, [baseline], subjects=subjects, settings=Settings())
        return [
            _refusal(finding)
            for subject in report.subjects
            for finding in subject.findings
            if finding.severity is Severity.ERROR and not finding.is_suppressed
        ]


def _refusal(finding: Finding) -> Refusal:
    reason = f"{finding.message} [{finding.rule_id}]"
    return Refusal(subject=finding.subject, origin=str(finding.place), reason=reason)
