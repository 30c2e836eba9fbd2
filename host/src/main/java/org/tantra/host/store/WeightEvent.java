package org.tantra.host.store;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One line of the store's history.
///
/// @param at ISO-8601
/// @param operation what was done: `set-active`, `rollback`, `save`, `import`, `restore`, `cleanup`
///   …
/// @param modelType whose weights
/// @param name of the weight
/// @param previous the weight that was active before, if that changed
public record WeightEvent(
    String at, String operation, String modelType, String name, @Nullable String previous) {
  static final String SET_ACTIVE = "set-active";
  static final String ROLLBACK = "rollback";

  public WeightEvent {
    requireNonNull(at, "at");
    requireNonNull(operation, "operation");
    requireNonNull(modelType, "modelType");
    requireNonNull(name, "name");
  }

  /// Everything known of it, under the names that the registry uses.
  public Map<String, Object> fields() {
    return RegistryJson.document(this);
  }
}
