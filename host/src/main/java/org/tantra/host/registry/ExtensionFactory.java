package org.tantra.host.registry;

import java.lang.reflect.Constructor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.PluginCall;
import org.tantra.host.concurrent.PluginThreads;

/// Makes the extension objects of a copy: the first plugin code that runs.
///
/// Each on a fresh thread with a time limit, since a constructor or static initialiser may throw
/// anything or never return. The thread has a lease on the copy until it is done, so the classes of
/// one that hangs stay loaded, away from everybody else.
final class ExtensionFactory {
  private final PluginThreads threads;
  private final Duration limit;

  ExtensionFactory(PluginThreads threads, Duration limit) {
    this.threads = threads;
    this.limit = limit;
  }

  /// @throws TantraException `INVALID` if a provider file is wrong; `INTERNAL` if the plugin's code
  ///   fails or hangs
  List<Contribution<?>> create(PluginCopy copy) {
    requireKnownPoints(copy);
    List<Contribution<?>> contributions = new ArrayList<>();
    for (ExtensionPoint<?> point : ExtensionPoint.ALL) {
      for (String className : providers(copy, point)) {
        contributions.addAll(create(copy, point, className));
      }
    }
    if (contributions.isEmpty()) {
      throw new TantraException(
          ErrorKind.INVALID,
          "Plugin %s has no extension: no file in META-INF/services is named after one of %s."
              .formatted(copy.ref(), ExtensionPoint.names()));
    }
    return contributions;
  }

  private static List<String> providers(PluginCopy copy, ExtensionPoint<?> point) {
    return copy.jar().providers().getOrDefault(point.type().getName(), List.of());
  }

  private static void requireKnownPoints(PluginCopy copy) {
    List<String> known = ExtensionPoint.names();
    for (String point : copy.jar().providers().keySet()) {
      if (!known.contains(point)) {
        throw new TantraException(
            ErrorKind.INVALID,
            "Plugin %s: META-INF/services/%s names no extension point; there are %s."
                .formatted(copy.ref(), point, known));
      }
    }
  }

  private <T> List<Contribution<T>> create(
      PluginCopy copy, ExtensionPoint<T> point, String className) {
    String doing = "constructing " + className;
    PluginCall call =
        new PluginCall(copy.ref().toString(), copy.contextClassLoader(), doing, limit);
    Lease<PluginCopy> hold = copy.lease(copy, doing).orElseThrow();
    return threads.call(
        call,
        () -> {
          try (hold) {
            T extension = construct(copy, point.type(), className);
            return contributions(copy, point, extension);
          }
        });
  }

  private static <T> List<Contribution<T>> contributions(
      PluginCopy copy, ExtensionPoint<T> point, T extension) {
    Set<String> ids = point.ids().apply(extension);
    return ids.stream().map(id -> new Contribution<>(point.type(), id, extension, copy)).toList();
  }

  private static <T> T construct(PluginCopy copy, Class<T> point, String className)
      throws ReflectiveOperationException {
    Class<? extends T> type = load(copy, point, className);
    Constructor<? extends T> constructor;
    try {
      constructor = type.getConstructor();
    } catch (NoSuchMethodException e) {
      throw invalid(copy, className + " has no public constructor without parameters", e);
    }
    try {
      return constructor.newInstance();
    } catch (IllegalAccessException | InstantiationException e) {
      throw invalid(copy, className + " is not a public class that can be instantiated", e);
    }
  }

  private static <T> Class<? extends T> load(PluginCopy copy, Class<T> point, String className) {
    String file = "META-INF/services/" + point.getName();
    Class<?> type;
    try {
      type = Class.forName(className, false, copy.loaded().classLoader());
    } catch (ClassNotFoundException e) {
      throw invalid(copy, "%s names %s, which is not in the jar".formatted(file, className), e);
    } catch (LinkageError e) {
      throw invalid(copy, "%s, named by %s, cannot be linked: %s".formatted(className, file, e), e);
    }
    if (!point.isAssignableFrom(type)) {
      throw invalid(
          copy, "%s names %s, which does not implement it".formatted(file, className), null);
    }
    return type.asSubclass(point);
  }

  private static TantraException invalid(
      PluginCopy copy, String problem, @Nullable Throwable cause) {
    return new TantraException(
        ErrorKind.INVALID, "Plugin %s: %s.".formatted(copy.ref(), problem), cause);
  }
}
