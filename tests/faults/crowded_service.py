"""analytics-service on a full disk: python crowded_service.py FLAG_FILE [flags].

While FLAG_FILE exists its SQLite database may not grow by a page.
"""

import sys
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from sinks.analytics_service.command import main as run_analytics_service

_NO_LIMIT = 2**32 - 2


def main() -> None:
    """Run the service with the flags that follow the file."""
    flag = Path(sys.argv.pop(1))

    # SQLite forgets this limit with the connection, and takes none below the size.
    @event.listens_for(Engine, "begin")
    def limit(connection: Connection) -> None:
        pages = 1 if flag.exists() else _NO_LIMIT
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    run_analytics_service()


if __name__ == "__main__":
    main()
