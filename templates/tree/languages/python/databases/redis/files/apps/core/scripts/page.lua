-- Answers with records by descending id.
-- KEYS: the owner's ids. ARGV: where to begin, and how many records there may be.
local records = {}
for _, id in ipairs(redis.call('ZREVRANGEBYLEX', KEYS[1], ARGV[1], '-', 'LIMIT', 0, ARGV[2])) do
  local record = redis.call('HGETALL', KEYS[1] .. ':' .. id)
  if #record > 0 then -- it is empty if the server has evicted it
    table.insert(records, record)
  end
end
return records
