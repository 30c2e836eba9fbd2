package org.tantra.host.registry;

/// Java sources of small plugins, most of them bad.
final class TestSources {
  private TestSources() {}

  /// A model `bad` of class `bad.BadModel` with these members.
  static String badModel(String members) {
    return model("bad", "BadModel", "\"bad\"", "\"bad\"", members);
  }

  /// A model.
  ///
  /// @param id a Java expression
  /// @param fingerprint a Java expression: what the loaded model answers
  static String model(
      String packageName, String className, String id, String fingerprint, String members) {
    return """
    package %1$s;

    import java.util.*;
    import org.tantra.api.*;

    public final class %2$s implements Model {
      %5$s

      @Override
      public ModelInfo info() {
        return new ModelInfo(%3$s, "test", Set.of(Task.TEXT), Needs.NOTHING, List.of());
      }

      @Override
      public LoadedModel load(LoadContext context) {
        return new LoadedModel() {
          @Override
          public long residentBytes() {
            return 0;
          }

          @Override
          public <T extends Capability> Optional<T> as(Class<T> capability) {
            return Optional.empty();
          }

          @Override
          public String fingerprint() {
            return %4$s;
          }

          @Override
          public void close() {}
        };
      }
    }
    """
        .formatted(packageName, className, id, fingerprint, members);
  }

  /// What plugin `base` offers to others.
  static String greeting(String text) {
    return """
    package demo.base;

    public final class Greeting {
      public static String text() {
        return "%s";
      }
    }
    """
        .formatted(text);
  }

  /// A model `greeter` that answers with what plugin `base` says.
  static String greeter() {
    return model("demo.greeter", "Greeter", "\"greeter\"", "demo.base.Greeting.text()", "");
  }

  /// A plugin that others use: model `base`, and the class [#greeting(String)].
  static PluginJar base(String version) {
    return PluginJar.model("base", version, "base")
        .compiled(greeting("hello from " + version))
        .header("Export-Package", "demo.base;version=1.0.0");
  }

  /// A plugin that uses the classes of `base`.
  static PluginJar greeterJar(String version) {
    return PluginJar.empty("greeter", version)
        .compiled(greeter(), greeting("compile time only"))
        .without("demo/base/Greeting.class")
        .service("org.tantra.api.Model", "demo.greeter.Greeter")
        .header("Plugin-Dependencies", "base@>=1.0.0 & <2.0.0")
        .header(
            "Import-Package", "org.tantra.api;version=\"[1.0,2)\",demo.base;version=\"[1.0,2)\"");
  }

  /// A plugin with model `bad` of [#badModel(String)].
  static PluginJar badJar(String id, String members) {
    return PluginJar.empty(id, "1.0.0")
        .compiled(badModel(members))
        .service("org.tantra.api.Model", "bad.BadModel");
  }
}
