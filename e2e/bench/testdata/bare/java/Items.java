package bare;

import com.example.shop.data.OwnedRepository;
import com.example.shop.data.RecordWriter;
import com.example.shop.item.Item;

interface Items extends OwnedRepository<Item>, RecordWriter<Item> {
}
