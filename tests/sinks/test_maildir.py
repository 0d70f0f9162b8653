"""Letters in a Maildir: whole or not at all, and each once."""

import mailbox
import os
import time
from pathlib import Path

import pytest

from registry.errors import ConfigError
from runtime.errors import MailUnavailable
from sinks.notification_service.letter import Composer, Letter, parse_sender
from sinks.notification_service.maildir import Maildir
from tests.sinks.orders import order


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the mail folder is."""
    return tmp_path / "mail"


@pytest.fixture
def maildir(folder: Path) -> Maildir:
    """Return a mail folder that has been checked."""
    maildir = Maildir(folder)
    maildir.check()
    return maildir


@pytest.fixture
def letter() -> Letter:
    """Return the letter of an order."""
    return Composer(parse_sender("shop@example.com")).compose(order(1))


def test_a_letter_is_read_by_any_mail_reader(
    maildir: Maildir, folder: Path, letter: Letter
) -> None:
    """The standard library's Maildir finds it, with bare line feeds as on any disk."""
    maildir.send(letter)
    maildir.settle()

    messages = list(mailbox.Maildir(folder, create=False))
    assert [each["Message-ID"] for each in messages] == [letter.message_id]
    assert b"\r" not in next((folder / "new").iterdir()).read_bytes()
    assert list((folder / "tmp").iterdir()) == []


def test_a_letter_sent_twice_is_there_once(
    maildir: Maildir, folder: Path, letter: Letter
) -> None:
    """By this process and by one that comes after it."""
    maildir.send(letter)
    maildir.send(letter)
    Maildir(folder).send_again(letter)

    assert len(list((folder / "new").iterdir())) == 1
    assert list((folder / "tmp").iterdir()) == []


def test_a_letter_that_was_read_meanwhile_does_not_come_back(
    maildir: Maildir, folder: Path, letter: Letter
) -> None:
    """A reader moves it to `cur` and adds flags to its name."""
    maildir.send(letter)
    path = next((folder / "new").iterdir())
    path.rename(folder / "cur" / f"{path.name}:2,S")
    maildir.settle()

    Maildir(folder).send_again(letter)

    assert list((folder / "new").iterdir()) == []


def test_a_letter_cut_short_by_a_power_failure_is_made_whole(
    maildir: Maildir, folder: Path, letter: Letter
) -> None:
    """What lies in `new` under its name is replaced when it is sent again."""
    maildir.send(letter)
    path = next((folder / "new").iterdir())
    whole = path.read_bytes()
    path.write_bytes(b"")

    Maildir(folder).send_again(letter)

    assert path.read_bytes() == whole


def test_a_file_system_without_hard_links_will_do(
    maildir: Maildir, folder: Path, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The letter then takes its place by a rename."""

    def refuse(_self: Path, _target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)

    maildir.send(letter)

    assert len(list((folder / "new").iterdir())) == 1
    assert list((folder / "tmp").iterdir()) == []


def test_a_folder_that_is_gone_is_waited_for(
    maildir: Maildir, folder: Path, letter: Letter
) -> None:
    """Nothing is sent, and sending may be tried again."""
    (folder / "tmp").rmdir()
    (folder / "tmp").touch()

    with pytest.raises(MailUnavailable, match="takes no mail") as caught:
        maildir.send(letter)

    assert caught.value.retryable


def test_what_a_killed_writer_left_behind_is_swept(folder: Path) -> None:
    """After 36 hours, as the format says; what is younger may be under way."""
    (folder / "tmp").mkdir(parents=True)
    old, young = folder / "tmp" / "old", folder / "tmp" / "young"
    old.touch()
    young.touch()
    two_days_ago = time.time() - 48 * 3600
    os.utime(old, (two_days_ago, two_days_ago))

    Maildir(folder).check()

    assert list((folder / "tmp").iterdir()) == [young]


def test_a_folder_that_cannot_be_made_is_a_wrong_setting(tmp_path: Path) -> None:
    """The sentence names the folder and the flag."""
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match="cannot be written") as caught:
        Maildir(tmp_path / "file").check()

    assert "--mail maildir:PATH" in caught.value.hint
