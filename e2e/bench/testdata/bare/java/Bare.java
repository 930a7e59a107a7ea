package bare;

import com.example.shop.Settings;
import com.example.shop.data.Ids;
import com.example.shop.data.Times;
import com.example.shop.item.Item;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.data.domain.Limit;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdScalarSerializer;

/** A plain controller that does what the service does and nothing else: no accounts, no log, no metrics, no checks. */
@SpringBootApplication(scanBasePackages = {"bare", "com.example.shop.data"}, excludeName = {
    "org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration",
    "org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration",
    "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
    "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
    "org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration"
})
@AutoConfigurationPackage(basePackages = {"bare", "com.example.shop.data"})
@RestController
class Bare {

  private static final UUID OWNER = UUID.fromString(System.getenv("OWNER"));

  private final Items items;

  Bare(Items items) {
    this.items = items;
  }

  record Body(String name, String notes, Boolean done) {
  }

  record Page(List<Item> items, @JsonProperty("next_cursor") UUID nextCursor) {
  }

  @Bean
  static Settings settings() {
    return Settings.load();
  }

  /** Milliseconds have three digits. */
  @Bean
  static SimpleModule times() {
    return new SimpleModule().addSerializer(new StdScalarSerializer<Instant>(Instant.class) {
      @Override
      public void serialize(Instant value, JsonGenerator generator, SerializationContext context) {
        generator.writeString(Times.format(value));
      }
    });
  }

  @GetMapping("/readyz")
  void ready() {
  }

  @GetMapping("/api/v1/items/{id}")
  Item one(@PathVariable UUID id) {
    return items.findByOwnerIdAndId(OWNER, id).orElseThrow();
  }

  @GetMapping("/api/v1/items")
  Page list() {
    List<Item> found = items.findByOwnerIdOrderByIdDesc(OWNER, Limit.of(21));
    return found.size() < 21 ? new Page(found, null) : new Page(found.subList(0, 20), found.get(19).id());
  }

  @PostMapping("/api/v1/items")
  @ResponseStatus(HttpStatus.CREATED)
  Item create(@RequestBody Body body) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    return items.insert(new Item(Ids.next(), OWNER, body.name(), body.notes(), body.done(), now, now));
  }
}
