"""What is different between two schemas, whatever their texts look like.

`find_changes` compares, a `Change` is one difference and its sentence.
"""

from registry.diff.changes import Change, ChangeKind
from registry.diff.comparing import find_changes

__all__ = ["Change", "ChangeKind", "find_changes"]
