package org.tantra.host.cli;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.HostOptions;
import org.tantra.host.cli.remote.HostClient;
import org.tantra.host.cli.remote.RunFile;
import org.tantra.host.config.HostConfig;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The program `tantra`: the top of the command tree, and what every command shares.
@Command(
    name = "tantra",
    description = "A plugin-based host for models that does not go down when a model does.",
    version = "Tantra Host " + Host.VERSION,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    usageHelpAutoWidth = true,
    footer = {"", "Exit codes by kind of error: docs/errors.md."})
public final class TantraCli implements Runnable {
  private final Console console;
  private final Doors doors;
  private final Map<String, String> environment;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description =
          "Folder with Model/, Config/ and plugins/. Default: TANTRA_HOME, else the installation.")
  private @Nullable Path homeOption;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print one JSON document instead of text.")
  private boolean json;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Log more, and print the stack trace of an error.")
  private boolean debug;

  /// @param console where to read and write
  /// @param doors how to reach hosts
  /// @param environment the process's variables
  TantraCli(Console console, Doors doors, Map<String, String> environment) {
    this.console = requireNonNull(console, "console");
    this.doors = requireNonNull(doors, "doors");
    this.environment = Map.copyOf(environment);
  }

  /// Runs one command line and ends the process with its exit code.
  public static void main(String[] arguments) {
    Console console = Console.ofProcess();
    if (arguments.length == 1 && arguments[0].equals("--version")) {
      // Scripts ask this often. Picocli's class files are too old for the start-up cache; without
      // them the answer comes twice as fast.
      console.out().println("Tantra Host " + Host.VERSION);
      console.flush();
      return;
    }
    int exitCode = new TantraCli(console, Doors.REAL, System.getenv()).run(arguments);
    console.flush();
    System.exit(exitCode);
  }

  /// Runs one command line and returns its exit code.
  int run(String... arguments) {
    return commandLine().execute(arguments);
  }

  /// The command tree, ready to parse.
  CommandLine commandLine() {
    Failures failures = new Failures(this);
    return StoreCommands.addTo(new CommandLine(this), this)
        .addSubcommand(new ServeCommand(this))
        .addSubcommand(new GenerateCommand(this))
        .addSubcommand(new ChatCommand(this))
        .addSubcommand(new SpeakCommand(this))
        .addSubcommand(new TranscribeCommand(this))
        .addSubcommand(new OcrCommand(this))
        .addSubcommand(new EmbedCommand(this))
        .addSubcommand(new ModelsCommand(this))
        .addSubcommand(new ConfigCommand(this))
        .addSubcommand(new CreateConfigCommand(this))
        .addSubcommand(new ExplainCommand(this))
        .addSubcommand(new PsCommand(this))
        .addSubcommand(PluginsCommand.tree(this))
        .addSubcommand(WeightsCommand.tree(this))
        .addSubcommand(new ParityCommand(this))
        .addSubcommand(new DoctorCommand(this))
        .addSubcommand(new DemoCommand(this))
        .addSubcommand(new CompletionCommand(this))
        .addSubcommand(new RehearseCommand(this))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(new PrintWriter(console.out(), true, console.out().charset()))
        .setErr(new PrintWriter(console.err(), true, console.err().charset()))
        .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures)
        .setExecutionStrategy(
            parsed -> {
              Logging.configure(parsed, debug);
              return new CommandLine.RunLast().execute(parsed);
            });
  }

  /// No command: says what there is.
  @Override
  public void run() {
    commandLine().usage(console.err());
    throw new TantraException(ErrorKind.INVALID, "Say what to do: a command is missing.");
  }

  Console console() {
    return console;
  }

  Doors doors() {
    return doors;
  }

  boolean json() {
    return json;
  }

  boolean debug() {
    return debug;
  }

  /// The home folder of this command line, absolute.
  Path home() {
    Path home = homeOption;
    if (home == null) {
      String variable = environment.get("TANTRA_HOME");
      home = variable != null && !variable.isBlank() ? Path.of(variable) : installation();
    }
    return home.toAbsolutePath().normalize();
  }

  /// The folder that the launcher lies in; the current one when started without launcher.
  Path installation() {
    return Path.of(System.getProperty("tantra.install", "")).toAbsolutePath().normalize();
  }

  /// Opens a host on the home folder in this process. The installation's plugins are there too.
  Host open(HostFlags flags) {
    Path home = home();
    List<Path> bundled =
        sameFolder(home, installation()) ? List.of() : List.of(installation().resolve("plugins"));
    return doors.open(new HostOptions(home, bundled, flags.runtime(), lowResource(flags)));
  }

  /// A client of the host that serves from the home folder, with the key its configuration accepts.
  HostClient client(RunFile run) {
    List<String> keys = HostConfig.read(home().resolve("Config/host.yaml")).http().apiKeys();
    return new HostClient(run, keys.isEmpty() ? null : keys.getFirst());
  }

  private @Nullable Boolean lowResource(HostFlags flags) {
    if (flags.lowResource() != null) {
      return flags.lowResource();
    }
    return switch (environment.getOrDefault("TANTRA_LOW_RESOURCE", "")) {
      case "1", "true" -> true;
      case "0", "false" -> false;
      default -> null;
    };
  }

  private static boolean sameFolder(Path one, Path other) {
    try {
      return Files.isSameFile(one, other);
    } catch (IOException _) {
      return one.equals(other); // one of them is not there yet
    }
  }
}
