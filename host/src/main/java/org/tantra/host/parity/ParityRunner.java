package org.tantra.host.parity;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.OpenOptions;
import org.tantra.api.ParityCheck;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.PluginCall;
import org.tantra.host.concurrent.PluginThreads;
import org.tantra.host.registry.ExtensionRegistry;
import org.tantra.host.registry.Lease;
import org.tantra.host.weights.CheckpointStore;
import org.tantra.host.weights.WeightOpener;

/// Runs golden cases.
public final class ParityRunner {
  private static final Duration LIMIT = Duration.ofMinutes(30);

  private final ExtensionRegistry registry;
  private final CheckpointStore store;
  private final WeightOpener opener;
  private final PluginThreads threads;
  private final Compute compute;

  public ParityRunner(
      ExtensionRegistry registry,
      CheckpointStore store,
      WeightOpener opener,
      PluginThreads threads,
      Compute compute) {
    this.registry = registry;
    this.store = store;
    this.opener = opener;
    this.threads = threads;
    this.compute = compute;
  }

  /// Runs the case in a folder.
  ///
  /// @throws TantraException `NOT_FOUND` if the folder holds no case or no plugin checks its family
  public List<ParityCheck.Finding> run(Path folder) {
    if (!Files.isRegularFile(folder.resolve("expected.json"))) {
      throw new TantraException(
          ErrorKind.NOT_FOUND,
          "'%s' is no golden case: it has no expected.json. Name a folder that holds one."
              .formatted(folder));
    }
    try (GoldenCase golden = GoldenCase.open(folder, store, compute)) {
      Path tensors = folder.resolve("expected.safetensors");
      if (Files.isRegularFile(tensors)) {
        golden.tensors(opener.open(tensors, OpenOptions.NONE));
      }
      String family = golden.family();
      Optional<Lease<ParityCheck>> found = registry.lease(ParityCheck.class, family);
      if (found.isEmpty()) {
        throw new TantraException(
            ErrorKind.NOT_FOUND,
            "No running plugin checks the family '%s' of '%s'. Families checked: %s."
                .formatted(
                    family,
                    folder,
                    registry.list(ParityCheck.class).stream()
                        .map(ExtensionRegistry.Entry::id)
                        .toList()));
      }
      try (Lease<ParityCheck> check = found.get()) {
        List<ParityCheck.Finding> findings =
            threads.compute(
                new PluginCall(
                    check.plugin().toString(),
                    check.contextClassLoader(),
                    "checking '" + folder + "'",
                    LIMIT),
                () -> check.get().run(golden),
                _ -> {});
        if (findings.isEmpty()) {
          throw new TantraException(
              ErrorKind.INTERNAL,
              "Plugin %s compared nothing in '%s'.".formatted(check.plugin(), folder));
        }
        return List.copyOf(findings);
      }
    }
  }
}
