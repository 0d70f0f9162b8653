"""What can go wrong while the local stack runs.

PipelineError
├── ConfigError                    this machine or folder cannot carry a stack
├── ProcessError                   a process ended, or is not ready
└── StackError
"""

from registry.errors import PipelineError


class StackError(PipelineError):
    """A process of the local stack failed."""
