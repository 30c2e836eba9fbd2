package org.tantra.host.resolve;

import java.lang.management.ManagementFactory;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How much memory loaded models may take together.
///
/// @param bytes the limit
public record MemoryBudget(long bytes) {
  private static final long SMALL_MACHINE_BYTES = 4L << 30;

  /// @param configured null for three quarters of the machine's memory
  public static MemoryBudget of(@Nullable Long configured) {
    return new MemoryBudget(configured != null ? configured : machineBytes() / 4 * 3);
  }

  /// Whether low-resource mode is right for this machine: three quarters of less than 4 GiB.
  public boolean small() {
    return bytes < SMALL_MACHINE_BYTES / 4 * 3;
  }

  /// Why a model does not fit beside those held, or nothing if it fits.
  ///
  /// @param loading bytes of models that are being loaded
  Optional<String> lack(Point.Id model, long wanted, long loading, List<LoadedInstance> held) {
    long used = loading;
    for (LoadedInstance instance : held) {
      used = sum(used, instance.residentBytes());
    }
    if (sum(used, wanted) <= bytes) {
      return Optional.empty();
    }
    return Optional.of(
        "Loading '%s' needs %s; %s of %s is free%s. Unload one or raise models.budget."
            .formatted(
                model.name(),
                shown(wanted),
                shown(Math.max(0, bytes - used)),
                shown(bytes),
                holders(held)));
  }

  /// The model to give up first: idle, holding memory, unused for the longest time.
  Optional<LoadedInstance> evictable(Point.Id model, List<LoadedInstance> held) {
    return held.stream()
        .filter(it -> it.uses().users() == 0 && it.residentBytes() > 0 && !it.id().equals(model))
        .min(Comparator.comparingLong(LoadedInstance::lastUsedNanos));
  }

  /// The sum of two sizes, or the largest size there is: plugins may claim anything.
  static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  private static String holders(List<LoadedInstance> held) {
    List<String> largest =
        held.stream()
            .sorted(Comparator.comparingLong(LoadedInstance::residentBytes).reversed())
            .limit(3)
            .map(it -> "'" + it.id().name() + "' holds " + shown(it.residentBytes()))
            .toList();
    return largest.isEmpty() ? "" : " (" + String.join(", ", largest) + ")";
  }

  private static long machineBytes() {
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      return system.getTotalMemorySize();
    }
    return Runtime.getRuntime().maxMemory();
  }

  /// A size for people: `5.2 GiB`, `310 MiB`.
  private static String shown(long bytes) {
    return bytes >= 1L << 30
        ? String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30))
        : Math.ceilDiv(bytes, 1L << 20) + " MiB";
  }
}
