import { toScript } from "./script.ts";

/**
 * ARGV: pattern of the channels of those who answer for the operator, message, whose turn it is, pattern of those who answer for all. Gives 1 when one of them has it, 0 when nobody answers.
 * Who answers is who listens: what the server itself knows needs no list that could be wrong.
 */
export const ASK = toScript(`
local channels = redis.call('PUBSUB', 'CHANNELS', ARGV[1])
if #channels == 0 then channels = redis.call('PUBSUB', 'CHANNELS', ARGV[4]) end
table.sort(channels)
for i = 0, #channels - 1 do
  if redis.call('PUBLISH', channels[(ARGV[3] + i) % #channels + 1], ARGV[2]) > 0 then return 1 end
end
return 0`);
