-- Inserts a record or updates one: writes the values that are sent, and no others.
-- Answers with 0, or with -1 if there is no record to update, or with the number of the first unique value that is taken.
-- KEYS: the record, the owner's ids, and the index (id by value) of each unique field that is sent.
-- ARGV: 'insert' or 'update', the id, then names and values, those of the unique fields first.
local id = ARGV[2]
if ARGV[1] == 'update' and redis.call('EXISTS', KEYS[1]) == 0 then
  return -1
end

-- All is checked before anything is written, since Redis does not roll back.
for i = 3, #KEYS do
  local holder = redis.call('HGET', KEYS[i], ARGV[2 * i - 2])
  if holder and holder ~= id then
    return i - 2
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
return 0
