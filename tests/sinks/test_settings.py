"""What cannot work is said at once, in one sentence, with the exit code for it."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from sinks.analytics_service import main as analytics
from sinks.notification_service import main as notification

BOTH = pytest.mark.parametrize("command", [analytics, notification])


def run(command: click.Command, folder: Path, **flags: str) -> Result:
    """Run a service on an address where no broker is, for a moment."""
    given = {
        "bootstrap-servers": "127.0.0.1:9",
        "registry-url": "http://127.0.0.1:9",
        "startup-timeout": "0",
        "state-dir": str(folder / "slots"),
        "database": f"sqlite:///{folder / 'sink.db'}",
        **({"mail": f"maildir:{folder / 'mail'}"} if command is notification else {}),
        **{name.replace("_", "-"): value for name, value in flags.items()},
    }
    arguments = [part for name, value in given.items() for part in (f"--{name}", value)]
    return CliRunner().invoke(command, arguments)


@BOTH
@pytest.mark.parametrize(
    "database",
    ["sqlite:///{folder}/missing/sink.db", "sqlite:///{folder}", "sqlite:///{text}"],
    ids=["no folder", "a folder", "no database"],
)
def test_a_database_that_cannot_be_written_ends_with_78(
    command: click.Command, database: str, tmp_path: Path
) -> None:
    """Before anything else is asked for, and with a hint what to name instead."""
    text = tmp_path / "text"
    text.write_text("certainly no database, and long enough to be looked at" * 20)

    result = run(
        command, tmp_path, database=database.format(folder=tmp_path, text=text)
    )

    assert result.exit_code == 78
    assert "cannot be used" in result.output
    assert "--database sqlite:///PATH needs a folder" in result.output


@BOTH
@pytest.mark.parametrize(
    "database",
    [
        "secret-word",
        "mysql://me:secret-word@host/name",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_a_database_url_of_no_known_form_ends_with_78(
    command: click.Command, database: str, tmp_path: Path
) -> None:
    """The accepted forms are named, the text that may hold a password is not."""
    result = run(command, tmp_path, database=database)

    assert result.exit_code == 78
    assert "postgresql://USER:PASSWORD@HOST/NAME" in result.output
    assert "secret-word" not in result.output


@BOTH
def test_a_database_server_that_is_down_ends_with_75(
    command: click.Command, tmp_path: Path
) -> None:
    """After the time for starting is up; its password is nowhere to be seen."""
    url = "postgresql://me:secret-word@127.0.0.1:9/figures?application_name=secret-word"

    result = run(command, tmp_path, database=url)

    assert result.exit_code == 75
    assert "postgresql+psycopg://me:***@127.0.0.1:9/figures" in result.output
    assert "secret-word" not in result.output


@BOTH
def test_a_registry_that_is_down_ends_with_75(
    command: click.Command, tmp_path: Path
) -> None:
    """After the time for starting is up, naming the address."""
    result = run(command, tmp_path)

    assert result.exit_code == 75
    assert "no schema registry answers at http://127.0.0.1:9" in result.output


@pytest.mark.parametrize("path", ["file", "file/mail"])
def test_a_mail_folder_that_cannot_be_written_ends_with_78(
    path: str, tmp_path: Path
) -> None:
    """Before the database is touched."""
    (tmp_path / "file").touch()

    result = run(notification, tmp_path, mail=f"maildir:{tmp_path / path}")

    assert result.exit_code == 78
    assert f"mail folder {tmp_path / path} cannot be written" in result.output
    assert not (tmp_path / "sink.db").exists()


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"mail": "mbox:mail"}, "--mail must have the form"),
        ({"mail": "maildir:"}, "--mail must have the form"),
        ({"mail": "smtp://"}, "--mail must have the form"),
        ({"mail": "smtp://host:many"}, "--mail must have the form"),
        ({"mail": "smtp://host/path"}, "--mail must have the form"),
        ({"mail": "smtp://me:secret-word@host"}, "must not hold a login"),
        ({"mail": "smtp://host?starttls=maybe"}, "?starttls=required or off"),
        ({"mail": "smtp://host?tls=1"}, "?starttls=required or off"),
        (
            {"mail": "smtp://host", "smtp_user": "me", "smtp_password": "secret-word"},
            "would travel in the clear",
        ),
        (
            {"mail": "smtps://host", "mail_ca_file": "missing.pem"},
            "certificates in missing.pem cannot be read",
        ),
        ({"from_address": "nobody"}, "is not an e-mail address"),
        ({"from_address": "a@b\nBcc: c@d"}, "is not an e-mail address"),
        ({"from_address": "søren@example.com"}, "is not an e-mail address"),
    ],
)
def test_mail_settings_that_cannot_work_end_with_78(
    flags: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    """With what is accepted instead, and without the password."""
    result = run(notification, tmp_path, **flags)

    assert result.exit_code == 78, result.output
    assert sentence in result.output
    assert "secret-word" not in result.output


@BOTH
def test_help_shows_an_example_and_every_variable(command: click.Command) -> None:
    """A reader finds out how to start it from --help alone."""
    result = CliRunner().invoke(command, ["--help"])

    assert "Example:" in result.output
    assert "ACCORD_DATABASE" in result.output
    assert "ACCORD_INPUT_TOPIC" in result.output
    assert "ACCORD_GROUP" in result.output


@BOTH
def test_a_variable_stands_for_its_flag(command: click.Command, tmp_path: Path) -> None:
    """Whatever can be said by a flag can be said by the environment."""
    result = CliRunner().invoke(
        command,
        [],
        env={
            "ACCORD_DATABASE": f"sqlite:///{tmp_path}/no/sink.db",
            "ACCORD_MAIL": f"maildir:{tmp_path}/mail",
            "ACCORD_STATE_DIR": str(tmp_path),
        },
    )

    assert result.exit_code == 78
    assert f"{tmp_path}/no/sink.db" in result.output
