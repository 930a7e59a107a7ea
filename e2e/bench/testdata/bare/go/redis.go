package main

import (
	"context"
	"encoding/json"

	"github.com/redis/go-redis/v9"
)

// hashes keeps items as the service does: a hash of JSON values for each, and a sorted set of their ids.
type hashes struct {
	client *redis.Client
	key    string
}

var (
	listScript = redis.NewScript(`
local records = {}
for _, id in ipairs(redis.call('ZREVRANGEBYLEX', KEYS[1], '+', '-', 'LIMIT', 0, ARGV[1])) do
  table.insert(records, redis.call('HGETALL', KEYS[1] .. ':' .. id))
end
return records`)
	insertScript = redis.NewScript(`
for i = 2, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
return redis.call('ZADD', KEYS[2], 0, ARGV[1])`)
)

// open opens the database with the settings of the service.
func open(address, owner string) (store, error) {
	settings, err := redis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	settings.PoolSize = 10
	return &hashes{client: redis.NewClient(settings), key: "shop:{" + owner + "}:items"}, nil
}

func decode(fields map[string]string) (item, error) {
	var record item
	for name, address := range map[string]any{
		"id": &record.ID, "name": &record.Name, "notes": &record.Notes, "done": &record.Done, "created_at": &record.CreatedAt, "updated_at": &record.UpdatedAt,
	} {
		if text, found := fields[name]; found {
			if err := json.Unmarshal([]byte(text), address); err != nil {
				return record, err
			}
		}
	}
	return record, nil
}

func (h *hashes) one(ctx context.Context, id string) (item, error) {
	fields, err := h.client.HGetAll(ctx, h.key+":"+id).Result()
	if err != nil {
		return item{}, err
	}
	return decode(fields)
}

func (h *hashes) list(ctx context.Context, limit int) ([]item, error) {
	rows, err := listScript.Run(ctx, h.client, []string{h.key}, limit).Slice()
	if err != nil {
		return nil, err
	}
	items := make([]item, len(rows))
	for i, row := range rows {
		fields := map[string]string{}
		pairs := row.([]any)
		for j := 0; j+1 < len(pairs); j += 2 {
			fields[pairs[j].(string)] = pairs[j+1].(string)
		}
		if items[i], err = decode(fields); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func (h *hashes) insert(ctx context.Context, record item) error {
	arguments := []any{record.ID}
	for name, value := range map[string]any{
		"id": record.ID, "name": record.Name, "done": record.Done, "created_at": record.CreatedAt, "updated_at": record.UpdatedAt,
	} {
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		arguments = append(arguments, name, text)
	}
	if record.Notes != nil {
		text, err := json.Marshal(record.Notes)
		if err != nil {
			return err
		}
		arguments = append(arguments, "notes", text)
	}
	return insertScript.Run(ctx, h.client, []string{h.key + ":" + record.ID, h.key}, arguments...).Err()
}
