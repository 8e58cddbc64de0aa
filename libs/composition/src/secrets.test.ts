import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";
import { secretsOf } from "./secrets.ts";

test.each<[Record<string, string>, string[]]>([
  [{}, []],
  [{ OPENVIBE_API_KEYS: "ov_first, ov_second" }, ["ov_first", "ov_second"]],
  [{ OPENVIBE_API_KEYS: `ov_first,ci:sha256:${"0a".repeat(32)}:scopes=run` }, ["ov_first"]],
  [{ ANTHROPIC_API_KEY: "sk-ant-1" }, ["sk-ant-1"]],
  [{ DATABASE_URL: "postgres://openvibe:hunter2@db/openvibe" }, ["hunter2"]],
  [{ DATABASE_URL: "postgres://openvibe:p%40ss%2Fword@db/openvibe" }, ["p%40ss%2Fword", "p@ss/word"]],
  [{ DATABASE_URL: "postgres://openvibe@db/openvibe" }, []],
  [{ OPENVIBE_HOOKS: "github=github:gh_secret,my=token:my_secret" }, ["gh_secret", "my_secret"]],
  [{ NATS_URL: "nats://user:hunter2@nats:4222" }, ["hunter2"]],
  [{ NATS_URL: "user:hunter2@nats:4222,other:hunter3@nats-2:4222" }, ["hunter2", "hunter3"]],
  [{ NATS_URL: "nats://s3cr3t_token@nats:4222" }, ["s3cr3t_token"]],
  [{ NATS_URL: "nats://user:100%sure@nats:4222" }, ["100%sure"]],
  [{ NATS_URL: "nats://nats:4222" }, []],
  [{ REDIS_URL: "redis://openvibe:p%40ss@redis:6379/1" }, ["p%40ss", "p@ss"]],
  [{ REDIS_URL: "rediss://:hunter2@redis:6379" }, ["hunter2"]],
  [{ DATABASE_URL: "postgres://a:abc@db/x" }, []], // would be found in everything
])("of %j these are secret: %j", (env, secrets) => {
  expect(secretsOf(parseConfig(env))).toEqual(secrets);
});
