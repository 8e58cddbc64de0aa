/**
 * One bucket. KEYS: hash of its entries (key -> `<revision> <time> <JSON>`), key of its lifetime in milliseconds (0: none), stream of its changes.
 * A revision is the number of its change, whose id is `0-<revision>`. Who writes has the key of its epoch as well: a stream that is not there any more
 * was lost, and the next one has another, which each change says.
 */
import { NOW, toScript } from "./script.ts";

const ENTRIES = `
local entries, made, changes = KEYS[1], KEYS[2], KEYS[3]
local now = now_ms()
local lifetime = tonumber(redis.call('GET', made) or '0')
local function parse(text)
  local head, revision, at = string.match(text, '^((%d+) (%d+) )')
  if lifetime > 0 and tonumber(at) <= now - lifetime then return nil end
  return { revision = revision, at = at, value = string.sub(text, #head + 1) }
end`;

/** ARGV: key. Gives revision, time and value, or nothing. */
export const READ = toScript(`${NOW}${ENTRIES}
local text = redis.call('HGET', entries, ARGV[1])
local entry = text and parse(text)
if not entry then return false end
return { entry.revision, entry.at, entry.value }`);

/** ARGV: key, 'put' or 'delete', value, revision that it must have ('' any, 0 none), lifetime where the bucket is new, changes kept, run that writes ('' none), epoch where the stream is new. Gives the new revision, or 0. */
export const WRITE = toScript(`${NOW}
redis.call('SET', KEYS[2], ARGV[5], 'NX')
${ENTRIES}
local key, verb, value, expected = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local text = redis.call('HGET', entries, key)
local entry = text and parse(text)
if expected ~= '' and expected ~= (entry and entry.revision or '0') then return 0 end
if verb == 'delete' and not entry then return 0 end
local at = string.format('%.0f', now)
local epoch = redis.call('EXISTS', changes) == 1 and redis.call('GET', KEYS[4])
if not epoch then
  epoch = ARGV[8]
  redis.call('SET', KEYS[4], epoch)
end
local id = redis.call('XADD', changes, 'MAXLEN', '~', ARGV[6], '0-*', 'key', key, 'at', at, 'by', ARGV[7], 'epoch', epoch, verb, value)
local revision = string.sub(id, 3)
if verb == 'put' then
  redis.call('HSET', entries, key, revision .. ' ' .. at .. ' ' .. value)
else
  redis.call('HDEL', entries, key)
end
if lifetime > 0 then -- who writes clears up after those who do no more
  local some = redis.call('HRANDFIELD', entries, 2, 'WITHVALUES')
  for i = 1, #some, 2 do
    if not parse(some[i + 1]) then redis.call('HDEL', entries, some[i]) end
  end
end
return tonumber(revision)`);

/** ARGV: cursor, prefix, entries to look at. Gives the next cursor, then key, revision, time and bytes of each. */
export const LIST = toScript(`${NOW}${ENTRIES}
local prefix = ARGV[2]
local page = redis.call('HSCAN', entries, ARGV[1], 'COUNT', ARGV[3])
local found = { page[1] }
for i = 1, #page[2], 2 do
  local key = page[2][i]
  local entry = string.sub(key, 1, #prefix) == prefix and parse(page[2][i + 1])
  if entry then
    for _, part in ipairs({ key, entry.revision, entry.at, #entry.value }) do found[#found + 1] = part end
  end
end
return found`);
