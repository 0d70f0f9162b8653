"""Which versions of a contract the records on the wire were written with."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from registry.catalog import Contract
from registry.errors import PipelineError
from registry.names import SchemaId, Version
from registry.serdes import SchemaRegistry, registry_errors


class WireVersions:
    """Finds the version that a schema id stands for.

    Asks for schemas that the deserializer has fetched by then with the same client,
    which keeps them.
    """

    def __init__(
        self,
        registry: SchemaRegistry,
        contract: Contract,
        find_ids: Callable[[], Sequence[SchemaId]],
    ) -> None:
        """Take the registry, the contract that is read, and where the ids are."""
        self._registry = registry
        self._contract = contract
        self._find_ids = find_ids
        self._known: dict[SchemaId, Version | None] = {}

    def tell(self) -> dict[str, Any]:
        """Return the schema ids met so far and the versions, for /status.

        An id that is no version of the contract in this repository is an id alone.
        """
        ids = self._find_ids()
        versions = {self._find_version(each) for each in ids} - {None}
        return {
            "schema_ids": list(ids),
            "contracts_read": {self._contract.subject: sorted(filter(None, versions))},
        }

    def _find_version(self, schema_id: SchemaId) -> Version | None:
        if schema_id not in self._known:
            try:
                with registry_errors(schema_id=schema_id):
                    text = self._registry.get_schema(schema_id).schema_str
            except PipelineError:
                return None
            self._known[schema_id] = self._match(json.loads(text or "null"))
        return self._known[schema_id]

    def _match(self, schema: object) -> Version | None:
        versions = self._contract.versions
        return next((each.version for each in versions if each.schema == schema), None)
