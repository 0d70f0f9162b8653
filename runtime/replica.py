"""Which of several equal workers this process is.

The name becomes the transactional id and the consumer's `group.instance.id`: the
successor of a killed worker takes its slot, so that its open transaction ends at once
and its partitions come back without a rebalance. A random name would leave both to
their timeouts.
"""

import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from registry.errors import ConfigError
from runtime.config import ServiceSettings

_SLOTS = 1000


@contextmanager
def claim_replica(settings: ServiceSettings, *, group: str) -> Iterator[str]:
    """Hold a name that no other worker of the group on this machine has.

    It is `<group>-<replica id>`; without a replica id `<group>-<host>-<slot>` with
    the lowest slot that is free in `settings.state_dir`, kept until this process ends,
    however it ends.

    Raises:
        ConfigError: The folder cannot be written, or no slot is free.
    """
    if settings.replica_id is not None:
        yield f"{group}-{settings.replica_id}"
        return
    slot, lock = _lock_free_slot(settings.state_dir, group)
    with lock:
        yield f"{group}-{socket.gethostname()}-{slot}"


def _lock_free_slot(folder: Path, group: str) -> tuple[int, IO[str]]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for slot in range(_SLOTS):
            lock = (folder / f"{_file_name(group)}-{slot}.lock").open("a")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
            else:
                return slot, lock
    except OSError as exc:
        raise ConfigError(
            f"the state folder {folder} cannot be used: {exc.strerror}",
            hint="name another with --state-dir, or give --replica-id",
        ) from exc
    raise ConfigError(f"all {_SLOTS} slots of {group} in {folder} are taken")


def _file_name(group: str) -> str:
    return "".join(each if each.isalnum() or each in "-_." else "_" for each in group)
