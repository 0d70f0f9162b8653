-- A registry's file of format 1, as this program wrote it; tests/registry_local/test_formats.py.
PRAGMA application_id = 1097032516;
PRAGMA user_version = 1;
CREATE TABLE contexts (
    name TEXT PRIMARY KEY,
    highest_id INTEGER NOT NULL,
    is_listed INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "contexts" VALUES('.',3,1);
INSERT INTO "contexts" VALUES('.eu',1,1);
CREATE TABLE guids (
    context TEXT NOT NULL,
    guid TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (context, guid)
) WITHOUT ROWID;
INSERT INTO "guids" VALUES('.','095d71cf-1255-6b9d-5e33-0ad575b3df5d',3);
INSERT INTO "guids" VALUES('.','9e9e266d-93fd-ce7a-b798-441d8f0a533a',2);
INSERT INTO "guids" VALUES('.','df0d5d04-70f7-57f8-eb15-4559082128e9',1);
INSERT INTO "guids" VALUES('.eu','ef524ea1-b91e-7317-3d93-8ade36c1db32',1);
CREATE TABLE referrers (
    subject TEXT NOT NULL,
    version INTEGER NOT NULL,
    by_subject TEXT NOT NULL,
    by_version INTEGER NOT NULL,
    PRIMARY KEY (subject, version, by_subject, by_version)
) WITHOUT ROWID;
INSERT INTO "referrers" VALUES('money-value',1,'orders-value',1);
CREATE TABLE settings (
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, scope)
) WITHOUT ROWID;
INSERT INTO "settings" VALUES('config','orders-value','{"compatibility": "FULL"}');
INSERT INTO "settings" VALUES('mode','gone-value','READONLY');
CREATE TABLE uses (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    context TEXT NOT NULL,
    id INTEGER NOT NULL,
    subject TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (context, id, subject)
);
INSERT INTO "uses" VALUES(1,'.',1,'money-value',1);
INSERT INTO "uses" VALUES(2,'.',2,'orders-value',1);
INSERT INTO "uses" VALUES(3,'.',3,'gone-value',1);
INSERT INTO "uses" VALUES(5,'.eu',1,':.eu:orders-value',1);
CREATE TABLE versions (
    subject TEXT NOT NULL,
    version INTEGER NOT NULL,
    context TEXT NOT NULL,
    id INTEGER NOT NULL,
    schema_type TEXT NOT NULL,
    text TEXT NOT NULL,
    reference_list TEXT NOT NULL,
    metadata TEXT,
    written_ms INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL,
    PRIMARY KEY (subject, version)
) WITHOUT ROWID;
INSERT INTO "versions" VALUES(':.eu:orders-value',1,'.eu',1,'AVRO','"int"','[]',NULL,1767225600001,0);
INSERT INTO "versions" VALUES('gone-value',1,'.',3,'AVRO','"string"','[]',NULL,1767225600002,1);
INSERT INTO "versions" VALUES('money-value',1,'.',1,'AVRO','{"type":"record","name":"Money","namespace":"shop","fields":[{"name":"cents","type":"long"}]}','[]','{"properties": {"owner": "billing"}}',1767225600003,0);
INSERT INTO "versions" VALUES('orders-value',1,'.',2,'AVRO','{"type":"array","items":"shop.Money"}','[{"name": "shop.Money", "subject": "money-value", "version": 1}]',NULL,1767225600004,0);
CREATE INDEX versions_by_context ON versions (context, subject);
CREATE INDEX referrers_by ON referrers (by_subject, by_version);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('uses',5);
