-- Creates a record or updates one: writes the fields that are sent, and answers with all of them.
-- KEYS: the record, the owner's ids, and the index (id by value) of each unique field that is sent.
-- ARGV: 'create' or 'update', the id, then names and values, those of the unique fields first.
local id = ARGV[2]
if ARGV[1] == 'update' and redis.call('EXISTS', KEYS[1]) == 0 then
  return nil
end

-- All is checked before anything is written, since Redis does not roll back.
for i = 3, #KEYS do
  local name, value = ARGV[2 * i - 3], ARGV[2 * i - 2]
  local holder = redis.call('HGET', KEYS[i], value)
  if holder and holder ~= id then
    return redis.error_reply('CONFLICT ' .. name)
  end
end

for i = 3, #KEYS do
  local name, value = ARGV[2 * i - 3], ARGV[2 * i - 2]
  local before = redis.call('HGET', KEYS[1], name)
  if before then
    redis.call('HDEL', KEYS[i], before)
  end
  if value ~= 'null' then
    redis.call('HSET', KEYS[i], value, id)
  end
end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('ZADD', KEYS[2], 0, id)
redis.setresp(3) -- so that the record is a map
return redis.call('HGETALL', KEYS[1])
