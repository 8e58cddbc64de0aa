/** The event log is a stream whose ids are `0-<position>`: the server counts, and never gives the number of a trimmed entry again. */
import { NOW, toScript } from "./script.ts";

/**
 * KEYS: log, the run's list. ARGV: text, operator, type, run or '', '1' when it ends the run, sequence or '', events kept, milliseconds that the run's
 * list is kept. Gives the position, 0 when it is there already: the run has its end, or an event of that sequence or a later one.
 */
export const APPEND = toScript(`
${NOW}
local log, list = KEYS[1], KEYS[2]
local text, operator, type, run, ends, sequence = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local known = {}
if run ~= '' then
  known = redis.call('LRANGE', list, 0, 1)
  if known[1] and ends == '1' and known[1] ~= '0' then return 0 end
  if known[1] and sequence ~= '' and tonumber(sequence) <= tonumber(known[2]) then return 0 end
end
local id = redis.call('XADD', log, 'MAXLEN', '~', ARGV[7], '0-*',
  'event', text, 'operator', operator, 'type', type, 'run', run, 'at', string.format('%.0f', now_ms()))
local position = string.sub(id, 3)
if run ~= '' then
  if not known[1] then redis.call('RPUSH', list, '0', '-1') end
  if ends == '1' then redis.call('LSET', list, 0, position) end
  if sequence ~= '' then redis.call('LSET', list, 1, sequence) end
  redis.call('RPUSH', list, position)
  redis.call('PEXPIRE', list, ARGV[8])
end
return tonumber(position)`);

/** KEYS: any stream of such ids. Gives the number of its oldest entry (0: none), of the newest ever stored, and the epoch that its newest entry says ('' none). */
export const BOUNDS = toScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return { 0, 0, '' } end
local info = redis.call('XINFO', 'STREAM', KEYS[1])
local seen = {}
for i = 1, #info, 2 do seen[info[i]] = info[i + 1] end
local first, last, epoch = seen['first-entry'], seen['last-entry'], ''
for i = 1, last and #last[2] or 0, 2 do
  if last[2][i] == 'epoch' then epoch = last[2][i + 1] end
end
return { first and tonumber(string.sub(first[1], 3)) or 0, tonumber(string.sub(seen['last-generated-id'], 3)), epoch }`);

/**
 * KEYS: log. ARGV: after, until, entries to look at, operator or '', types as JSON or ''. Gives the position that was looked at last, then
 * position and text of each that fits.
 */
export const PAGE = toScript(`
local rows = redis.call('XRANGE', KEYS[1], '(0-' .. ARGV[1], '0-' .. ARGV[2], 'COUNT', ARGV[3])
local operator, types = ARGV[4], nil
if ARGV[5] ~= '' then
  types = {}
  for _, type in ipairs(cjson.decode(ARGV[5])) do types[type] = true end
end
local found = { #rows < tonumber(ARGV[3]) and tonumber(ARGV[2]) or tonumber(string.sub(rows[#rows][1], 3)) }
for _, row in ipairs(rows) do
  local fields = {}
  for i = 1, #row[2], 2 do fields[row[2][i]] = row[2][i + 1] end
  if fields['event'] and (operator == '' or fields['operator'] == operator) and (types == nil or types[fields['type']]) then
    found[#found + 1] = tonumber(string.sub(row[1], 3))
    found[#found + 1] = fields['event']
  end
end
return found`);

/** KEYS: log. ARGV: milliseconds that events are kept, entries to look at. Drops the oldest ones that are older, in order; gives 1 when there may be more. */
export const TRIM = toScript(`
${NOW}
local before = now_ms() - ARGV[1]
local function too_old(row)
  for i = 1, #row[2], 2 do
    if row[2][i] == 'at' then return tonumber(row[2][i + 1]) < before end
  end
  return true
end
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
if not first or not too_old(first) then return 0 end
local rows = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[2])
local last
for _, row in ipairs(rows) do
  if not too_old(row) then break end
  last = row[1]
end
redis.call('XTRIM', KEYS[1], 'MINID', '0-' .. string.format('%.0f', string.sub(last, 3) + 1))
return last == rows[#rows][1] and 1 or 0`);
