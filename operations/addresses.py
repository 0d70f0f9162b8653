"""Where a running pipeline is reached: a file in its data folder, and one JSON line."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from registry.errors import ConfigError

FILE_NAME = "stack.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineAddresses:
    """Where everything of a running pipeline is reached.

    Attributes:
        bootstrap_servers: "host:port" of the brokers.
        registry_url: Base URL of the schema registry.
        dashboard_url: Base URL, or None if it was not started; likewise below.
        analytics_url: Base URL of analytics-service's API.
        mail: Where mail goes, such as "maildir:/path".
        database_url: Database of analytics-service.
        data: The data folder, absolute.
        services: Base URL of every service's health endpoints, by name.
    """

    bootstrap_servers: str
    registry_url: str
    dashboard_url: str | None = None
    analytics_url: str | None = None
    mail: str | None = None
    database_url: str | None = None
    data: str | None = None
    services: dict[str, str] = field(default_factory=dict)

    def to_public(self) -> dict[str, str | None]:
        """Return what `pipeline up --format json` promises: these keys, no other."""
        public = asdict(self)
        del public["services"]
        return public

    def write(self, data: Path) -> None:
        """Leave the addresses in the data folder for the other commands."""
        path = data / FILE_NAME
        staging = path.with_suffix(".new")
        staging.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        staging.replace(path)

    @staticmethod
    def remove(data: Path) -> None:
        """Take the addresses away: nothing answers there any more."""
        (data / FILE_NAME).unlink(missing_ok=True)

    @classmethod
    def find(cls, data: Path) -> Self | None:
        """Return what `write` left in the folder, or None if there is nothing.

        Raises:
            ConfigError: The file is not what `write` leaves.
        """
        path = data / FILE_NAME
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{each.name: found[each.name] for each in fields(cls)})
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as exc:
            raise ConfigError(
                f"{path} cannot be understood: {exc}",
                hint=f"start the pipeline again: pipeline up --data {data}",
            ) from exc

    @classmethod
    def get(cls, data: Path) -> Self:
        """Return what `write` left in the folder, or raise ConfigError."""
        found = cls.find(data)
        if found is None:
            raise ConfigError(
                f"no pipeline runs on {data}",
                hint="start one with `pipeline up`, name its folder with --data, or"
                " give --bootstrap-servers and --registry-url",
            )
        return found
