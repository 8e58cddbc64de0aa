/**
 * Wake-ups of one operator: KEYS are the stream, the hash of what lies there (name -> id) and the sorted set of what waits (name -> when it is due).
 * A name is `<kind>.<run>.<number>`. What is given back, or was held too long, goes to the stream's end under a new id.
 */
import { NOW, toScript } from "./script.ts";

/** The one group that takes, and the one name that all takers have in it: who holds what is the store's business. */
export const GROUP = "workers";
export const CONSUMER = "worker";

const KEYS_NAMED = `local stream, lying, delayed = KEYS[1], KEYS[2], KEYS[3]`;

const ADD = `
local function add(name)
  local id = redis.call('XADD', stream, '*', 'wake', name)
  redis.call('HSET', lying, name, id)
end`;

/** Ends what somebody was given. */
const REMOVE = `
local function remove(id)
  redis.call('XACK', stream, '${GROUP}', id)
  redis.call('XDEL', stream, id)
end`;

/** ARGV: name. Gives 1 when it was stored, 0 when it lies there already: to be taken, held, or waiting. What only seems to is stored again. */
export const PUBLISH = toScript(`${KEYS_NAMED}
${ADD}
local function can_be_taken(id)
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local seen = {}
    for i = 1, #group, 2 do seen[group[i]] = group[i + 1] end
    if seen['name'] == '${GROUP}' then
      local after = redis.call('XRANGE', stream, '(' .. seen['last-delivered-id'], '+', 'COUNT', 1)
      local function parts(text) return tonumber(string.match(text, '^%d+')), tonumber(string.match(text, '%d+$')) end
      if after[1] == nil then return false end
      local first_ms, first_seq = parts(after[1][1])
      local ms, seq = parts(id)
      return ms > first_ms or (ms == first_ms and seq >= first_seq)
    end
  end
  return true
end
local id = redis.call('HGET', lying, ARGV[1])
if id then
  if redis.call('ZSCORE', delayed, ARGV[1]) then return 0 end
  if redis.call('XRANGE', stream, id, id)[1] then
    local held = redis.pcall('XPENDING', stream, '${GROUP}', id, id, 1)
    if held.err or held[1] or can_be_taken(id) then return 0 end
    redis.call('XDEL', stream, id)
  end
end
add(ARGV[1])
return 1`);

/** ARGV: name, id. Done is done, also said by one whose hold ran out. */
export const DONE = toScript(`${KEYS_NAMED}
${REMOVE}
local id = redis.call('HGET', lying, ARGV[1])
if id and id ~= ARGV[2] then remove(id) end
remove(ARGV[2])
redis.call('HDEL', lying, ARGV[1])
redis.call('ZREM', delayed, ARGV[1])`);

/** ARGV: name, id, milliseconds. Says nothing about what somebody else holds by now. */
export const RELEASE = toScript(`${KEYS_NAMED}
${NOW}
${ADD}
${REMOVE}
if redis.call('HGET', lying, ARGV[1]) ~= ARGV[2] then return end
if tonumber(ARGV[3]) > 0 then redis.call('ZADD', delayed, now_ms() + ARGV[3], ARGV[1]) else add(ARGV[1]) end
remove(ARGV[2])`);

/** ARGV: milliseconds that a hold lasts. Puts back what is due and what was held too long; gives milliseconds until the next is due, or -1. */
export const REQUEUE = toScript(`${KEYS_NAMED}
${NOW}
${ADD}
${REMOVE}
local now = now_ms()
for _, name in ipairs(redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, 100)) do
  add(name)
  redis.call('ZREM', delayed, name)
end
for _, held in ipairs(redis.call('XPENDING', stream, '${GROUP}', 'IDLE', ARGV[1], '-', '+', 100)) do
  local entry = redis.call('XRANGE', stream, held[1], held[1])[1]
  if entry and entry[2][1] == 'wake' then
    add(entry[2][2])
  elseif entry then
    redis.call('XADD', stream, '*', unpack(entry[2]))
  end
  remove(held[1])
end
local next = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
if next[2] then return math.max(0, next[2] - now) end
return -1`);
