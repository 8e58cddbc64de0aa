import { type Finding, failFinding, okFinding, skewFinding, warnFinding } from "@openvibe/core";
import type { PostgresFacts } from "@openvibe/store/postgres";

const OLDEST = 140_000;
const OUTAGE = "an acknowledged run or step can be lost when the database's machine fails";

/** What the facts about a Postgres mean for the store. */
export function judgePostgres(facts: PostgresFacts): readonly Finding[] {
  return [
    okFinding("store.connection", `${facts.where} lets us in`),
    judgeVersion(facts),
    judgeRole(facts),
    ...judgeDurability(facts),
    judgeEncoding(facts),
    judgePooling(facts),
    judgeConnections(facts),
    judgeSchema(facts),
    skewFinding("store.clock", "Postgres", facts.clock),
  ];
}

function judgeVersion({ version, versionNumber }: PostgresFacts): Finding {
  const what = `Postgres is ${version}`;
  if (versionNumber >= OLDEST) return okFinding("store.version", what);
  return failFinding("store.version", what, { why: "statements need 14 or newer", todo: "upgrade Postgres to 14 or newer" });
}

function judgeRole({ standby, settings }: PostgresFacts): Finding {
  const todo = "name the primary in DATABASE_URL";
  if (standby) return failFinding("store.writable", "this server is a standby", { why: "it takes no writes", todo });
  if (settings.default_transaction_read_only === "on")
    return failFinding("store.writable", "default_transaction_read_only is on for this user or database", {
      why: "nothing can be written",
      todo: "set it to off for this user and database",
    });
  return okFinding("store.writable", "it takes writes");
}

function judgeDurability({ settings }: PostgresFacts): readonly Finding[] {
  const { synchronous_commit, fsync, full_page_writes } = settings;
  const check = "store.durability";
  const found = [
    ...(synchronous_commit === "off"
      ? [
          failFinding(check, "synchronous_commit is off", {
            why: OUTAGE,
            todo: "set synchronous_commit = on, for this user and database too",
          }),
        ]
      : []),
    ...(fsync === "off"
      ? [failFinding(check, "fsync is off", { why: `${OUTAGE}; the database itself may be damaged`, todo: "set fsync = on" })]
      : []),
    ...(full_page_writes === "off"
      ? [
          warnFinding(check, "full_page_writes is off", {
            why: "a power cut may damage pages unless the disk writes them whole",
            todo: "set full_page_writes = on",
          }),
        ]
      : []),
  ];
  return found.length > 0
    ? found
    : [okFinding(check, `what is committed is on the disk (synchronous_commit ${synchronous_commit}, fsync on)`)];
}

function judgeEncoding({ settings: { server_encoding: encoding } }: PostgresFacts): Finding {
  if (encoding === "UTF8") return okFinding("store.encoding", "the database's encoding is UTF8");
  const todo = "make a database with ENCODING 'UTF8' and name that in DATABASE_URL";
  return failFinding("store.encoding", `the database's encoding is ${encoding}`, { why: "many texts cannot be kept", todo });
}

function judgePooling({ pooling }: PostgresFacts): Finding {
  switch (pooling) {
    case "none":
      return okFinding("store.pooler", "no pooler stands between");
    case "session":
      return okFinding("store.pooler", "a pooler stands between, and keeps a connection for a session");
    case "transaction":
      return failFinding("store.pooler", "a pooler stands between that changes connections between transactions", {
        why: "planner settings, timeouts and prepared statements belong to a connection: statements fail or become slow",
        todo: "set pool_mode = session in PgBouncer for this database, or connect to Postgres itself",
      });
  }
}

function judgeConnections({ connections: { used, allowed, perProcess } }: PostgresFacts): Finding {
  const what = `${allowed} connections are allowed, ${used} are in use; a process of OpenVibe has up to ${perProcess}`;
  const advice = {
    why: "a process without a connection waits, and then fails to start or to answer",
    todo: "raise max_connections, or the limit of this user or database",
  };
  if (allowed < perProcess) return failFinding("store.connections", what, advice);
  return allowed - used < perProcess ? warnFinding("store.connections", what, advice) : okFinding("store.connections", what);
}

function judgeSchema({ schema: { found, newest, mayCreate } }: PostgresFacts): Finding {
  const check = "store.schema";
  if (found === newest) return okFinding(check, `the schema has version ${found}`);
  if (found > newest)
    return failFinding(check, `the schema has version ${found}, this OpenVibe knows up to ${newest}`, {
      why: "it refuses to start on it",
      todo: "use the OpenVibe that made it, or a newer one",
    });
  if (found > 0) return okFinding(check, `the schema has version ${found}; the next start brings it to ${newest}`);
  if (mayCreate) return okFinding(check, "there is no schema yet; the first start makes it");
  return failFinding(check, "there is no schema, and this user may not make one", {
    why: "the first start fails",
    todo: "GRANT CREATE ON DATABASE to this user, or start once as one who may",
  });
}
