package org.tantra.host;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.host.config.ConfigFolder;
import org.tantra.host.store.StorePlugins;
import org.tantra.host.weights.Conversion;
import org.tantra.host.weights.WeightFiles;
import org.tantra.host.weights.WeightOpener;

/// Running plugins, as the weight store sees them.
///
/// @param weights their formats and plans
/// @param configs what the types' own files say
record HostStorePlugins(WeightFiles weights, ConfigFolder configs) implements StorePlugins {
  @Override
  public Set<String> types() {
    return weights.generator().extensions();
  }

  @Override
  public Map<String, Map<String, Object>> sizes(String type) {
    return weights.generator().sizes(type);
  }

  @Override
  public Optional<WeightPlan> plan(String type, Settings config) {
    return weights.generator().plan(type, config);
  }

  @Override
  public Settings configured(String type) {
    String origin = "Config/" + type + ".yaml";
    // The type may come from a registry of somebody else; only names of files become paths.
    return configs.ids().contains(type)
        ? Settings.of(origin, configs.model(type).settings().section("model").asMap())
        : Settings.empty(origin);
  }

  @Override
  public Opened open(Path file) {
    WeightOpener.Opened opened = weights.open(file);
    return new Opened() {
      @Override
      public String format() {
        return opened.format();
      }

      @Override
      public WeightSource weights() {
        return opened.file();
      }

      @Override
      public void close() {
        opened.close();
      }
    };
  }

  @Override
  public Target target(String word) {
    Map<String, List<String>> writable = weights.writable();
    for (Map.Entry<String, List<String>> format : writable.entrySet()) {
      if (format.getValue().contains(word)) {
        return new Target(format.getKey(), word);
      }
    }
    List<String> endings = writable.get(word);
    if (endings == null || endings.isEmpty()) {
      throw new TantraException(
              ErrorKind.UNSUPPORTED,
              "No running plugin writes '%s'. Formats that are written: %s."
                  .formatted(
                      word, writable.isEmpty() ? "none" : String.join(", ", writable.keySet())))
          .about("format");
    }
    return new Target(word, endings.getFirst());
  }

  @Override
  public void write(
      WeightSource source,
      Path file,
      String format,
      Conversion.Listener listener,
      Cancellation cancellation) {
    var _ =
        weights.write(
            "memory", source, Conversion.of(file, file).toFormat(format), listener, cancellation);
  }
}
