package org.tantra.host.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.config.Nearest;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `tantra plugins …`: the drop-in folder and what became of its files.
///
/// Each command changes files, as anybody could by hand, then tells what came of it: by asking the
/// host that serves from this home, or by opening one here.
@Command(
    name = "plugins",
    description = "List, install, switch and remove plugins.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true)
final class PluginsCommand implements Runnable {
  private PluginsCommand() {}

  /// The command with its own commands.
  static CommandLine tree(TantraCli tantra) {
    return new CommandLine(new PluginsCommand())
        .addSubcommand(new ListCommand(tantra))
        .addSubcommand(new InstallCommand(tantra))
        .addSubcommand(new EnableCommand(tantra))
        .addSubcommand(new DisableCommand(tantra))
        .addSubcommand(new ReloadCommand(tantra))
        .addSubcommand(new RemoveCommand(tantra));
  }

  @Override
  public void run() {
    throw new TantraException(
        ErrorKind.INVALID,
        "Say what to do with plugins: list, install, enable, disable, reload or remove.");
  }

  @Command(
      name = "list",
      description = "List every plugin file, its state and what it contributes.",
      mixinStandardHelpOptions = true)
  private static final class ListCommand implements Callable<Integer> {
    private final TantraCli tantra;
    @Mixin private final HostFlags host = new HostFlags();

    ListCommand(TantraCli tantra) {
      this.tantra = tantra;
    }

    @Override
    public Integer call() {
      try (PluginView view = PluginView.open(tantra, host)) {
        List<PluginLine> plugins = view.plugins();
        if (tantra.json()) {
          Json.print(
              tantra.console().out(),
              Map.of("plugins", plugins.stream().map(PluginLine::document).toList()));
          return ExitCode.OK;
        }
        Table table = new Table("PLUGIN", "VERSION", "STATE", "FILE", "");
        for (PluginLine plugin : plugins) {
          table.row(
              plugin.id(),
              plugin.version(),
              plugin.state(),
              plugin.file(),
              plugin.message().isEmpty() ? plugin.contributes() : plugin.message());
        }
        table.print(tantra.console().out());
        return ExitCode.OK;
      }
    }
  }

  @Command(
      name = "install",
      description = "Copy a plugin jar into the drop-in folder. A newer version replaces an older.",
      mixinStandardHelpOptions = true)
  private static final class InstallCommand implements Callable<Integer> {
    private final TantraCli tantra;

    @Parameters(paramLabel = "FILE", description = "The plugin's jar.")
    private Path file = Path.of("");

    @Mixin private final HostFlags host = new HostFlags();

    InstallCommand(TantraCli tantra) {
      this.tantra = tantra;
    }

    @Override
    public Integer call() {
      String installed = new PluginFiles(tantra.home()).install(file).toString();
      try (PluginView view = PluginView.open(tantra, host)) {
        PluginLine line =
            at(
                    installed,
                    view.await(now -> at(installed, now).filter(PluginLine::settled).isPresent()))
                .orElseThrow();
        show(tantra, line);
        return active(line) ? ExitCode.OK : ExitCode.NOT_OK;
      }
    }
  }

  @Command(
      name = "enable",
      description = "Let a switched-off plugin run again.",
      mixinStandardHelpOptions = true)
  private static final class EnableCommand extends OnePlugin {
    EnableCommand(TantraCli tantra) {
      super(tantra);
    }

    @Override
    void change(PluginLine plugin) {
      tantra.doors().desired(tantra.home()).enable(plugin.id());
    }

    @Override
    boolean done(PluginLine before, Optional<PluginLine> now) {
      return now.filter(line -> line.settled() && !line.state().equals("disabled")).isPresent();
    }
  }

  @Command(
      name = "disable",
      description = "Switch a plugin off until it is enabled again, also over restarts.",
      mixinStandardHelpOptions = true)
  private static final class DisableCommand extends OnePlugin {
    DisableCommand(TantraCli tantra) {
      super(tantra);
    }

    @Override
    void change(PluginLine plugin) {
      tantra.doors().desired(tantra.home()).disable(plugin.id());
    }

    @Override
    boolean done(PluginLine before, Optional<PluginLine> now) {
      return now.filter(line -> line.state().equals("disabled")).isPresent();
    }
  }

  @Command(
      name = "reload",
      description = "Replace the running copy by a fresh one; no request fails.",
      mixinStandardHelpOptions = true)
  private static final class ReloadCommand extends OnePlugin {
    ReloadCommand(TantraCli tantra) {
      super(tantra);
    }

    @Override
    void change(PluginLine plugin) {
      tantra.doors().desired(tantra.home()).reload(plugin.id());
    }

    @Override
    boolean done(PluginLine before, Optional<PluginLine> now) {
      return now.filter(line -> line.settled() && (changed(before, line) || !active(line)))
          .isPresent();
    }

    /// A refused reload leaves the running copy and says why in the message.
    private static boolean changed(PluginLine before, PluginLine now) {
      return now.copy() != before.copy()
          || !now.message().equals(before.message())
          || !now.since().equals(before.since());
    }

    @Override
    boolean succeeded(PluginLine before, Optional<PluginLine> now) {
      return now.filter(line -> active(line) && line.copy() != before.copy()).isPresent();
    }
  }

  @Command(
      name = "remove",
      description = "Delete a plugin's jar, by id or file name, from the drop-in folder.",
      mixinStandardHelpOptions = true)
  private static final class RemoveCommand extends OnePlugin {
    RemoveCommand(TantraCli tantra) {
      super(tantra);
    }

    @Override
    void change(PluginLine plugin) {
      new PluginFiles(tantra.home()).remove(plugin);
    }

    /// A file that is no plugin has no id, and shall go all the same.
    @Override
    List<String> names(PluginLine plugin) {
      return plugin.hasId() ? List.of(plugin.id(), plugin.fileName()) : List.of(plugin.fileName());
    }

    @Override
    boolean done(PluginLine before, Optional<PluginLine> now) {
      return now.isEmpty();
    }
  }

  /// What the commands that name a plugin share: change a file, then wait until the host has seen
  /// it.
  private abstract static class OnePlugin implements Callable<Integer> {
    final TantraCli tantra;

    @Parameters(paramLabel = "ID", description = "The plugin's id.")
    private String id = "";

    @Mixin private final HostFlags host = new HostFlags();

    OnePlugin(TantraCli tantra) {
      this.tantra = tantra;
    }

    abstract void change(PluginLine plugin);

    /// What a plugin may be called on the command line; the first is the one to suggest.
    List<String> names(PluginLine plugin) {
      return plugin.hasId() ? List.of(plugin.id()) : List.of();
    }

    /// Whether the host has taken the change in.
    ///
    /// @param now the plugin's file as it is now; nothing if it is gone
    abstract boolean done(PluginLine before, Optional<PluginLine> now);

    /// Whether what the host made of the change is what was asked for.
    boolean succeeded(PluginLine before, Optional<PluginLine> now) {
      return true;
    }

    @Override
    public final Integer call() {
      try (PluginView view = PluginView.open(tantra, host)) {
        PluginLine before = named(view.plugins());
        change(before);
        List<PluginLine> after = view.await(now -> done(before, at(before.file(), now)));
        Optional<PluginLine> now = at(before.file(), after);
        now.ifPresentOrElse(line -> show(tantra, line), () -> showGone(tantra, before));
        return succeeded(before, now) ? ExitCode.OK : ExitCode.NOT_OK;
      }
    }

    private PluginLine named(List<PluginLine> plugins) {
      List<PluginLine> files = plugins.stream().filter(line -> names(line).contains(id)).toList();
      return files.stream()
          .filter(PluginsCommand::active)
          .findFirst()
          .or(() -> files.stream().findFirst())
          .orElseThrow(() -> unknown(plugins));
    }

    private TantraException unknown(List<PluginLine> plugins) {
      List<String> ids =
          plugins.stream().flatMap(line -> names(line).stream().limit(1)).distinct().toList();
      String hint =
          Nearest.to(id, ids)
              .map(near -> "Did you mean '" + near + "'?")
              .orElse("There are: " + String.join(", ", ids) + ".");
      return new TantraException(ErrorKind.NOT_FOUND, "There is no plugin '" + id + "'. " + hint);
    }
  }

  private static Optional<PluginLine> at(String file, List<PluginLine> plugins) {
    return plugins.stream().filter(plugin -> plugin.file().equals(file)).findFirst();
  }

  private static boolean active(PluginLine plugin) {
    return plugin.state().equals("active");
  }

  private static void show(TantraCli tantra, PluginLine plugin) {
    if (tantra.json()) {
      Json.print(tantra.console().out(), plugin.document());
      return;
    }
    String reason = plugin.message().isEmpty() ? "" : ": " + plugin.message();
    tantra
        .console()
        .out()
        .println(plugin.id() + " " + plugin.version() + " is " + plugin.state() + reason);
  }

  private static void showGone(TantraCli tantra, PluginLine plugin) {
    if (tantra.json()) {
      Json.print(tantra.console().out(), Map.of("id", plugin.id(), "removed", plugin.file()));
    } else {
      String what = plugin.hasId() ? plugin.id() + " " + plugin.version() : plugin.fileName();
      tantra.console().out().println(what + " is removed");
    }
  }
}
