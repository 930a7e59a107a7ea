-- Answers with records by descending id, as JSON.
-- KEYS: the owner's ids. ARGV: where to begin and to end, and how many records there may be.
local records = {}
for _, id in ipairs(redis.call('ZREVRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])) do
  local hash, members = redis.call('HGETALL', KEYS[1] .. ':' .. id), {}
  for i = 1, #hash, 2 do
    table.insert(members, '"' .. hash[i] .. '":' .. hash[i + 1])
  end
  if #members > 0 then -- there are none if the server has evicted the record
    table.insert(records, '{' .. table.concat(members, ',') .. '}')
  end
end
return '[' .. table.concat(records, ',') .. ']'
