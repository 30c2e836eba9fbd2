package org.tantra.host.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Progress;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.AtomicFile;
import org.tantra.host.weights.Conversion;

/// A process of its own that works on a store until it has done enough, or is killed.
///
/// `CrashChild HOME OPERATION SEED COUNT`: the operation is one of [#OPERATIONS] or `mixed`.
final class CrashChild {
  /// Every operation that changes something on the disk.
  static final List<String> OPERATIONS =
      List.of(
          "save",
          "replace",
          "set-active",
          "rollback",
          "backup",
          "restore",
          "cleanup",
          "import",
          "export",
          "migrate",
          "gc",
          "verify",
          "repair");

  /// A first operation mostly loads classes.
  private static final int WARM_UP = 2;

  private static final Path OUTSIDE = Path.of("outside");

  private final Path home;
  private final WeightStore store;
  private final SimplePlugins plugins = new SimplePlugins();
  private final Random random;
  private final Map<String, Integer> done = new TreeMap<>();

  private CrashChild(Path home, long seed) {
    this.home = home;
    this.store = new WeightStore(home, plugins, InstantSource.system());
    this.random = new Random(seed);
  }

  public static void main(String[] arguments) throws IOException {
    CrashChild child = new CrashChild(Path.of(arguments[0]), Long.parseLong(arguments[2]));
    int count = Integer.parseInt(arguments[3]);
    for (int i = 0; i < count; i++) {
      if (i == WARM_UP) {
        System.out.println("ready");
      }
      String operation = arguments[1];
      if (operation.equals("mixed")) {
        operation = OPERATIONS.get(child.random.nextInt(OPERATIONS.size() - 1)); // all but damage
      }
      child.run(operation);
    }
    System.out.println("done " + child.done);
  }

  private void run(String operation) throws IOException {
    done.merge(operation, 1, Integer::sum);
    try {
      once(operation);
    } catch (TantraException e) {
      // What another process has taken away or made meanwhile is no failure.
      if (e.kind() != ErrorKind.NOT_FOUND && e.kind() != ErrorKind.INVALID) {
        throw e;
      }
    }
  }

  private void once(String operation) throws IOException {
    String version = "v" + random.nextInt(40);
    switch (operation) {
      case "save" -> save(version, false);
      case "replace" -> save(active().version(), true);
      case "set-active" -> store.setActive(any().name());
      case "rollback" -> {
        store.setActive(any().name());
        store.rollback("mamba");
      }
      case "backup" -> store.backup(any(), Progress.NONE, Cancellation.NEVER);
      case "restore" -> {
        List<Backup> backups = store.backups();
        String name = backups.get(random.nextInt(backups.size())).name();
        store.restore(name, random.nextBoolean(), Progress.NONE, Cancellation.NEVER);
      }
      case "cleanup" -> {
        save(version, false);
        store.cleanup("mamba", 3, false);
      }
      case "import" ->
          store.importWeights(
              outside(),
              new WeightStore.Importing("mamba", null, version, null, null, true),
              Progress.NONE,
              Cancellation.NEVER);
      case "export" ->
          store.exportWeights(
              any(), home.resolve("exported.bin"), Progress.NONE, Cancellation.NEVER);
      case "migrate" -> {
        Path old = home.resolve("Model/tantra_weights.safetensors");
        AtomicFile.write(old, Files.readAllBytes(outside()));
        store.migrate(Progress.NONE, Cancellation.NEVER);
        Files.deleteIfExists(old);
      }
      case "gc" -> store.gc(false);
      case "verify" -> store.verify(Progress.NONE, Cancellation.NEVER);
      case "repair" -> {
        // Damage of the kind that comes from outside; its rename is the end of it.
        Path damaged = Files.writeString(home.resolve("Model/.damage"), "{");
        Files.move(
            damaged,
            home.resolve("Model/weight_config.json"),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
        store.listWeights();
      }
      default -> throw new IllegalArgumentException(operation);
    }
  }

  private void save(String version, boolean replace) {
    store.save(
        SimplePlugins.weights(64, random.nextFloat()),
        new WeightStore.Saving("mamba", null, version, null, "bin", replace, "test"),
        Conversion.Listener.NONE,
        Cancellation.NEVER);
  }

  private WeightEntry active() {
    return store.weight("mamba", null);
  }

  private WeightEntry any() {
    List<WeightEntry> all = store.listWeights();
    return all.get(random.nextInt(all.size()));
  }

  private Path outside() throws IOException {
    Path file = home.resolve(OUTSIDE).resolve("w" + random.nextInt(3) + ".bin");
    if (Optional.of(file).filter(Files::exists).isEmpty()) {
      Files.createDirectories(file.getParent());
      plugins.write(
          SimplePlugins.weights(64, random.nextFloat()),
          file,
          "simple",
          Conversion.Listener.NONE,
          Cancellation.NEVER);
    }
    return file;
  }
}
