-- Creates a record or changes one. Answers with the whole record, with the name of a unique field whose value is taken, or,
-- if there is no record to change, with nothing.
-- KEYS: the record, the owner's ids, and the index (id by value) of each unique field that is sent.
-- ARGV: 'create' or 'change', the texts by name as JSON, and the names of those unique fields.
local values = cjson.decode(ARGV[2])
if ARGV[1] == 'change' and redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end

-- All is checked before anything is written, since Redis does not roll back.
for i = 3, #KEYS do
  local value = values[ARGV[i]]
  local holder = value ~= cjson.null and redis.call('HGET', KEYS[i], value)
  if holder and holder ~= values.id then
    return ARGV[i]
  end
end

for i = 3, #KEYS do
  local value = values[ARGV[i]]
  local before = redis.call('HGET', KEYS[1], ARGV[i])
  if before then
    redis.call('HDEL', KEYS[i], before)
  end
  if value ~= cjson.null then
    redis.call('HSET', KEYS[i], value, values.id)
  end
end
for name, value in pairs(values) do
  if value == cjson.null then
    redis.call('HDEL', KEYS[1], name)
  else
    redis.call('HSET', KEYS[1], name, value)
  end
end
redis.call('ZADD', KEYS[2], 0, values.id)
return redis.call('HGETALL', KEYS[1])
