package org.tantra.host.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.Progress;
import org.tantra.host.store.Scrub;
import org.tantra.host.store.Validation;
import org.tantra.host.store.WeightStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra validate` and `tantra verify`: whether weights are what they should be.
final class StoreCheckCommands {
  private StoreCheckCommands() {}

  @Command(
      name = "validate",
      description = {
        "Look through a weight: readable, checksum, names and shapes against the model's "
            + "configuration, finite values.",
        "Exit code 0 if it is valid, 1 if not."
      })
  static final class Validate extends StoreCommand {
    @Parameters(paramLabel = "NAME|TYPE", description = "A weight, or a type for its active one.")
    private String nameOrType = "";

    @Option(
        names = "--version",
        paramLabel = "V",
        description = "With a type: the version, if not the active one.")
    private @Nullable String version;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this help message and exit.")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    Validate(TantraCli tantra) {
      super(tantra);
    }

    @Override
    int run(WeightStore store, Progress progress, Cancellation cancellation) {
      progress.stage("reading");
      Validation found = store.validate(pick(store, nameOrType, version), progress, cancellation);
      if (tantra().json()) {
        Json.print(out(), document(found));
      } else {
        found.problems().forEach(problem -> out().println("problem: " + problem));
        found.warnings().forEach(warning -> out().println("warning: " + warning));
        out().println(summary(found));
      }
      return found.valid() ? ExitCode.OK : ExitCode.NOT_OK;
    }

    private static String summary(Validation found) {
      double seconds = found.took().toNanos() / 1e9;
      return String.format(
          Locale.ROOT,
          "%s is %s: %d tensors, %d parameters, checksum %s%s; %.2f s, %.0f MB/s",
          found.entry().name(),
          found.valid() ? "valid" : "NOT valid",
          found.tensors(),
          found.entry().parameters(),
          found.checksum(),
          found.config().isEmpty() ? "" : ", compared with " + found.config(),
          seconds,
          found.entry().bytes() / 1e6 / seconds);
    }

    private static Map<String, Object> document(Validation found) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("valid", found.valid());
      document.put("problems", found.problems());
      document.put("warnings", found.warnings());
      document.put("checksum", found.checksum());
      document.put("compared_with", found.config());
      document.put("tensors", found.tensors());
      document.put("milliseconds", found.took().toMillis());
      document.put("weight", found.entry().fields());
      return document;
    }
  }

  @Command(
      name = "verify",
      description = {
        "Read every file of the store and compare its checksum; compute those that are not known.",
        "Exit code 0 if all are sound, 1 if not."
      },
      mixinStandardHelpOptions = true)
  static final class Verify extends StoreCommand {
    Verify(TantraCli tantra) {
      super(tantra);
    }

    @Override
    int run(WeightStore store, Progress progress, Cancellation cancellation) {
      List<Scrub> scrubs = store.verify(progress, cancellation);
      if (tantra().json()) {
        Json.print(out(), Map.of("weights", scrubs.stream().map(it -> document(it)).toList()));
      } else {
        Table table = new Table("WEIGHT", "STATE", "");
        for (Scrub scrub : scrubs) {
          table.row(scrub.entry().name(), state(scrub), scrub.detail());
        }
        table.print(out());
      }
      return scrubs.stream().allMatch(scrub -> sound(scrub)) ? ExitCode.OK : ExitCode.NOT_OK;
    }

    private static boolean sound(Scrub scrub) {
      return switch (scrub.state()) {
        case SOUND, RECORDED -> true;
        case DIFFERS, MISSING -> false;
      };
    }

    private static String state(Scrub scrub) {
      return scrub.state().name().toLowerCase(Locale.ROOT);
    }

    private static Map<String, Object> document(Scrub scrub) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("name", scrub.entry().name());
      document.put("state", state(scrub));
      document.put("detail", scrub.detail());
      return document;
    }
  }
}
