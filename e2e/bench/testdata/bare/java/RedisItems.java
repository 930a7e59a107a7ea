package bare;

import com.example.shop.data.RedisRepository;
import com.example.shop.item.Item;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.json.JsonMapper;

@Repository
class RedisItems extends RedisRepository<Item> implements Items {

  RedisItems(StringRedisTemplate redis, JsonMapper mapper) {
    super(redis, mapper, Item.class, "items");
  }
}
