-- Removes a record, and answers how many there were.
-- KEYS: the record, the owner's ids, and the index of each unique field. ARGV: the id, and the names of the unique fields.
for i = 3, #KEYS do
  local value = redis.call('HGET', KEYS[1], ARGV[i - 1])
  if value then
    redis.call('HDEL', KEYS[i], value)
  end
end
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
