package org.tantra.host.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.store.WeightEntry;
import org.tantra.host.store.WeightStore;
import org.tantra.host.weights.Conversion;
import org.tantra.host.weights.WeightGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tantra weights generate`: untrained weights from a seed.
@Command(
    name = "generate",
    description = {
      "Make weights from a seed, for every size a plugin names. Equal seeds make equal weights, in "
          + "every format.",
      "They are marked as untrained: a model answers with them, and says that nobody trained it."
    },
    mixinStandardHelpOptions = true)
final class WeightsGenerateCommand implements Callable<Integer> {
  /// The formats that the earlier system seeded: part of the file name, and its ending.
  private static final Map<String, String> ENDINGS =
      Map.of("safetensors", "safetensors", "pt", "pt", "bin", "bin", "npz", "npz", "gguf", "gguf");

  private final TantraCli tantra;

  @Parameters(paramLabel = "TYPE", arity = "0..*", description = "Model types.")
  private List<String> types = List.of();

  @Option(names = "--all", description = "Every type whose plugin plans weights.")
  private boolean all;

  @Option(names = "--seed", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--size",
      paramLabel = "NAME",
      description =
          "small, full, another size the plugin names, or 'config' for the model section of "
              + "Config/TYPE.yaml. Default: ${DEFAULT-VALUE}.")
  private String size = "small";

  @Option(
      names = "--format",
      paramLabel = "LIST",
      split = ",",
      description = "Of safetensors, pt, bin, npz, gguf. Default: ${DEFAULT-VALUE}.")
  private List<String> formats = List.of("safetensors");

  @Option(
      names = "--version-name",
      paramLabel = "V",
      description = "Version in the file name. Default: ${DEFAULT-VALUE}.")
  private String version = "v1.0";

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Folder to write to. Default: the store, Model/weights of the home folder.")
  private @Nullable Path output;

  @Option(names = "--force", description = "Replace files that are there.")
  private boolean force;

  @Mixin private final HostFlags host = new HostFlags();

  WeightsGenerateCommand(TantraCli tantra) {
    this.tantra = tantra;
  }

  @Override
  public Integer call() {
    formats.forEach(WeightsGenerateCommand::requireKnown);
    if (all != types.isEmpty()) {
      throw new TantraException(
          ErrorKind.INVALID,
          all ? "Name types or --all, not both." : "Name the types to make weights for, or --all.");
    }
    List<WeightGenerator.Made> made = new ArrayList<>();
    try (Interruption interruption = Interruption.watch();
        Host opened = tantra.open(host);
        ProgressLine progress = new ProgressLine(tantra.console())) {
      WeightGenerator generator = opened.weights().generator();
      for (String type : all ? List.copyOf(generator.types().keySet()) : types) {
        Map<String, Object> config = config(opened, generator, type);
        for (String format : formats) {
          Shown shown = new Shown(progress, type + " " + format);
          made.add(
              output == null
                  ? stored(opened, type, config, format, shown, interruption)
                  : generator.generate(
                      new WeightGenerator.Order(
                          type, config, seed, file(output, type, format), null, force),
                      shown,
                      interruption));
        }
      }
    }
    print(made);
    return ExitCode.OK;
  }

  private Map<String, Object> config(Host opened, WeightGenerator generator, String type) {
    return size.equals("config")
        ? opened.configs().config(type).section("model").asMap()
        : generator.size(type, size);
  }

  private static void requireKnown(String format) {
    if (!ENDINGS.containsKey(format)) {
      throw new TantraException(
          ErrorKind.INVALID,
          "'%s' is none of the formats to generate: %s."
              .formatted(format, String.join(", ", ENDINGS.keySet().stream().sorted().toList())));
    }
  }

  /// Into the store, where the first weights of a type become its active ones.
  private WeightGenerator.Made stored(
      Host opened,
      String type,
      Map<String, Object> config,
      String format,
      Conversion.Listener listener,
      Cancellation cancellation) {
    WeightEntry entry =
        opened
            .store()
            .save(
                opened.weights().generator().weights(type, config, seed),
                new WeightStore.Saving(
                    type, null, version, null, format, force, "generated, seed " + seed),
                listener,
                cancellation);
    Path file = opened.store().file(entry).orElseThrow();
    return new WeightGenerator.Made(
        type, file, String.valueOf(entry.format()), entry.parameters(), entry.bytes());
  }

  private Path file(Path folder, String type, String format) {
    return folder.resolve(type + "_" + version + "_" + format + "." + ENDINGS.get(format));
  }

  private void print(List<WeightGenerator.Made> made) {
    if (tantra.json()) {
      Json.print(
          tantra.console().out(), Map.of("weights", made.stream().map(this::document).toList()));
      return;
    }
    Table table = new Table("TYPE", "PARAMETERS", "SIZE", "FILE");
    for (WeightGenerator.Made one : made) {
      table.row(
          one.type(), Long.toString(one.parameters()), Sizes.shown(one.bytes()), shown(one.file()));
    }
    table.print(tantra.console().out());
  }

  private Map<String, Object> document(WeightGenerator.Made made) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("type", made.type());
    document.put("file", shown(made.file()));
    document.put("format", made.format());
    document.put("parameters", made.parameters());
    document.put("bytes", made.bytes());
    document.put("seed", seed);
    document.put("untrained", true);
    return document;
  }

  private String shown(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    return absolute.startsWith(tantra.home())
        ? tantra.home().relativize(absolute).toString()
        : file.toString();
  }

  /// Shows how far one file has come.
  private record Shown(ProgressLine progress, String what) implements Conversion.Listener {
    @Override
    public void planned(Conversion.Plan plan) {
      progress.stage(what);
    }

    @Override
    public void advanced(String stage, long done, long total) {
      progress.advance(stage.equals("writing") ? done / 2 : total / 2 + done / 2, total);
    }
  }
}
