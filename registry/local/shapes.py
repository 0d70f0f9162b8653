"""The bodies that the registry reads."""

from registry.local.bodies import (
    Shape,
    anything,
    boolean_of,
    integer_of,
    list_of,
    map_of,
    text_of,
)

REFERENCE = Shape(
    "SchemaReference", {"name": text_of, "subject": text_of, "version": integer_of}
)
METADATA = Shape(
    "Metadata",
    {
        "tags": map_of("Map<String,Set<String>>", list_of("Set<String>", text_of)),
        "properties": map_of("Map<String,String>", text_of),
        "sensitive": list_of("Set<String>", text_of),
    },
)
ENTITY = Shape("SchemaEntity", {"entityType": text_of, "entityPath": text_of})
TAGS = Shape(
    "SchemaTags",
    {"schemaEntity": ENTITY, "tags": list_of("ArrayList<String>", text_of)},
)
REGISTER = Shape(
    "RegisterSchemaRequest",
    {
        "version": integer_of,
        "id": integer_of,
        "schemaType": text_of,
        "references": list_of("ArrayList<SchemaReference>", REFERENCE),
        "metadata": METADATA,
        "ruleSet": anything,
        "schema": text_of,
        "schemaTagsToAdd": list_of("ArrayList<SchemaTags>", TAGS),
        "schemaTagsToRemove": list_of("ArrayList<SchemaTags>", TAGS),
        "propagateSchemaTags": boolean_of,
    },
)
TAG_SCHEMA = Shape(
    "TagSchemaRequest",
    {
        "newVersion": integer_of,
        "tagsToAdd": list_of("ArrayList<SchemaTags>", TAGS),
        "tagsToRemove": list_of("ArrayList<SchemaTags>", TAGS),
        "metadata": METADATA,
    },
)
CONFIG_UPDATE = Shape(
    "ConfigUpdateRequest",
    {
        "alias": text_of,
        "normalize": boolean_of,
        "validateFields": boolean_of,
        "validateNewSchemas": boolean_of,
        "compatibility": text_of,
        "compatibilityPolicy": text_of,
        "compatibilityGroup": text_of,
        "defaultMetadata": METADATA,
        "overrideMetadata": METADATA,
    },
)
MODE_UPDATE = Shape("ModeUpdateRequest", {"mode": text_of})
ASSOCIATION = Shape(
    "AssociationCreateOrUpdateInfo",
    {
        "subject": text_of,
        "associationType": text_of,
        "lifecycle": text_of,
        "frozen": boolean_of,
        "schema": REGISTER,
        "normalize": boolean_of,
    },
)
ASSOCIATIONS = Shape(
    "AssociationCreateOrUpdateRequest",
    {
        "resourceName": text_of,
        "resourceNamespace": text_of,
        "resourceId": text_of,
        "resourceType": text_of,
        "associations": list_of(
            "ArrayList<AssociationCreateOrUpdateInfo>", ASSOCIATION
        ),
    },
)
