package org.tantra.host.registry;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tantra.host.runtime.ContextLoader;

/// Proves that the classes of unloaded plugin copies are gone, or says what keeps them.
public final class LoaderWatch {
  /// How many class loaders were let go of, and how many of them the garbage collector has taken.
  public record Figures(long retired, long collected) {}

  /// A class loader that is still there.
  ///
  /// @param heldBy what is known about who holds it, never empty
  public record Leftover(PluginRef ref, List<String> heldBy) {
    public Leftover {
      heldBy = List.copyOf(heldBy);
    }
  }

  private record Watched(
      PluginRef ref,
      WeakReference<ClassLoader> classLoader,
      WeakReference<ClassLoader> context,
      Set<String> packages) {
    boolean collected() {
      return classLoader.refersTo(null) && context.refersTo(null);
    }
  }

  private final List<Watched> watched = new ArrayList<>(); // guarded by this
  private long retired; // guarded by this
  private long collected; // guarded by this

  /// @param packages of the plugin's jar
  synchronized void watch(
      PluginRef ref, ClassLoader classLoader, ContextLoader context, Set<String> packages) {
    retired++;
    watched.add(
        new Watched(ref, new WeakReference<>(classLoader), new WeakReference<>(context), packages));
  }

  /// What is known without collecting garbage.
  public synchronized Figures figures() {
    for (Iterator<Watched> all = watched.iterator(); all.hasNext(); ) {
      if (all.next().collected()) {
        collected++;
        all.remove();
      }
    }
    return new Figures(retired, collected);
  }

  /// The class loaders that are still there. One that was let go of a moment ago is no leak: ask
  /// [#collect(Duration)] to be sure.
  public List<Leftover> leftovers() {
    figures();
    List<Watched> left;
    synchronized (this) {
      left = List.copyOf(watched);
    }
    if (left.isEmpty()) {
      return List.of();
    }
    Map<Thread, StackTraceElement[]> threads = Thread.getAllStackTraces();
    return left.stream().map(one -> new Leftover(one.ref(), holders(one, threads))).toList();
  }

  private static List<String> holders(Watched left, Map<Thread, StackTraceElement[]> threads) {
    List<String> holders = new ArrayList<>();
    threads.forEach(
        (thread, stack) -> {
          String hold = holdOf(thread, stack, left);
          if (hold != null) {
            holders.add("thread '%s' %s".formatted(thread.getName(), hold));
          }
        });
    if (holders.isEmpty()) {
      holders.add(
          "no thread, so a static field or a JVM-wide registration"
              + " (shutdown hook, timer, handler, pooled thread's thread local)");
    }
    return holders;
  }

  private static @Nullable String holdOf(Thread thread, StackTraceElement[] stack, Watched left) {
    ClassLoader context = thread.getContextClassLoader();
    if (context != null
        && (left.classLoader().refersTo(context) || left.context().refersTo(context))) {
      return "has its context class loader";
    }
    for (StackTraceElement frame : stack) { // a newer copy has classes of the same names
      if (left.packages().contains(packageOf(frame.getClassName()))) {
        return "may be running its " + frame;
      }
    }
    return null;
  }

  private static String packageOf(String className) {
    int dot = className.lastIndexOf('.');
    return dot < 0 ? "" : className.substring(0, dot);
  }

  /// Collects garbage until every class loader is gone, or the limit has passed.
  ///
  /// @return what is left
  public List<Leftover> collect(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    Figures figures = figures();
    while (figures.collected() < figures.retired() && System.nanoTime() < deadline) {
      System.gc();
      figures = figures();
    }
    return leftovers();
  }
}
