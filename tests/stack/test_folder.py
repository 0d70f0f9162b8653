"""One folder, one stack."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from operations.stack.folder import StackFolder
from registry.errors import ConfigError

_PARENT = """
import sys
from pathlib import Path
from operations.stack.folder import StackFolder
folder = StackFolder.open(Path(sys.argv[1]))
orphan = folder.start("orphan", ["sh", "-c", "trap 'sleep 1' TERM; echo up; sleep 60"])
orphan.wait_until(lambda: orphan.read_log() or None, timeout_s=10)
print(orphan.pid, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StackFolder]:
    """Open a folder that does not exist yet."""
    with closing(StackFolder.open(tmp_path / "new" / "data")) as opened:
        yield opened


def test_folder_in_use_is_refused(folder: StackFolder) -> None:
    """The sentence names the folder and the process; the status is 78."""
    with pytest.raises(ConfigError, match=rf"runs on {folder.path} \(proc") as caught:
        StackFolder.open(folder.path)

    assert "--data" in caught.value.hint
    assert caught.value.exit_code == 78


def test_closed_folder_can_be_opened_again(folder: StackFolder) -> None:
    """A stack that was stopped leaves its folder free."""
    folder.close()

    StackFolder.open(folder.path).close()


def test_two_folders_do_not_know_of_each_other(
    folder: StackFolder, tmp_path: Path
) -> None:
    """Stacks on different folders run side by side."""
    StackFolder.open(tmp_path / "other").close()

    assert folder.path.exists()


def test_successor_waits_for_the_orphans_of_a_killed_stack(
    tmp_path: Path,
    start_parent: Callable[..., tuple[subprocess.Popen[str], list[str]]],
    wait_until_gone: Callable[..., None],
) -> None:
    """The folder is free only when the last process of the killed one has gone."""
    parent, (orphan,) = start_parent(_PARENT, tmp_path)
    parent.kill()
    parent.wait()

    StackFolder.open(tmp_path).close()

    wait_until_gone(int(orphan), timeout_s=0)


def test_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """A path below a file is a sentence, not a traceback."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="cannot be used as a data folder: Not a dir"):
        StackFolder.open(tmp_path / "file" / "data")


def test_made_folder_is_empty(folder: StackFolder) -> None:
    """What an earlier start left there is gone."""
    (folder.make_empty("tmp") / "leftover").write_text("")

    assert list(folder.make_empty("tmp").iterdir()) == []
