package org.tantra.host;

import java.util.Map;
import java.util.Set;
import org.tantra.api.Settings;
import org.tantra.host.config.Configurations;
import org.tantra.host.weights.WeightGenerator;

/// What plugins say of their networks, for configurations.
///
/// @param generator who asks them
record PlannedTypes(WeightGenerator generator) implements Configurations.Types {
  @Override
  public Set<String> ids() {
    return generator.extensions();
  }

  @Override
  public Map<String, Object> completed(String type, Map<String, Object> stated) {
    return generator.completed(type, stated);
  }

  @Override
  public void check(String type, Settings model) {
    var _ = generator.plan(type, model);
  }
}
