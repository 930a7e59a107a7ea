-- Answers with the record that holds a unique value.
-- KEYS: the owner's ids, and the index of the field. ARGV: the value.
local id = redis.call('HGET', KEYS[2], ARGV[1])
return id and redis.call('HGETALL', KEYS[1] .. ':' .. id)
