package org.tantra.host.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.tantra.api.Settings;

/// Configurations of a home without files and plugins, for fakes of the host.
public final class NoConfigurations {
  private NoConfigurations() {}

  public static Configurations make() {
    Path nowhere = Path.of("no-such-folder");
    return new Configurations(new ConfigFolder(nowhere), nowhere, new NoTypes());
  }

  private record NoTypes() implements Configurations.Types {
    @Override
    public Set<String> ids() {
      return Set.of();
    }

    @Override
    public Map<String, Object> completed(String type, Map<String, Object> stated) {
      return stated;
    }

    @Override
    public void check(String type, Settings model) {}
  }
}
