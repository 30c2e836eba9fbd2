package org.tantra.host.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tantra.api.TantraException;
import org.tantra.host.Host;
import org.tantra.host.cli.remote.RunFile;
import org.tantra.host.config.HostConfig;
import org.tantra.host.resolve.ModelStatus;

/// The checks of `tantra doctor`, from the machine up to the models. Each goes on whatever the
/// others found.
final class Checkup {
  /// How bad a finding is.
  enum Level {
    OK,
    /// Works, but not as well as it could.
    WARN,
    /// Does not work.
    FAIL
  }

  /// One line of the report.
  ///
  /// @param subject what was looked at
  /// @param what what was found
  /// @param advice what to do; empty if nothing
  record Finding(Level level, String subject, String what, String advice) {}

  /// The host promises to run in this much memory.
  private static final long SMALLEST_MEMORY = 2L << 30;

  private final TantraCli tantra;
  private final HostFlags flags;
  private final List<Finding> findings = new ArrayList<>();

  Checkup(TantraCli tantra, HostFlags flags) {
    this.tantra = tantra;
    this.flags = flags;
  }

  /// Runs all checks.
  List<Finding> findings() {
    java();
    machine();
    vectors();
    folders();
    Optional<HostConfig> config = configuration();
    config.ifPresent(this::port);
    if (config.isPresent()) {
      host();
    }
    return List.copyOf(findings);
  }

  private void java() {
    ok(
        "java",
        Runtime.version()
            + " ("
            + System.getProperty("java.vm.name")
            + ") in "
            + System.getProperty("java.home"));
  }

  private void machine() {
    int cores = Runtime.getRuntime().availableProcessors();
    ok("cores", String.valueOf(cores));
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      long total = system.getTotalMemorySize();
      String memory =
          Sizes.shown(total) + ", " + Sizes.shown(system.getFreeMemorySize()) + " of it unused";
      if (total < SMALLEST_MEMORY) {
        warn("memory", memory, "Set TANTRA_LOW_RESOURCE=1 so that small models are preferred.");
      } else {
        ok("memory", memory);
      }
    }
  }

  private void vectors() {
    String slow = "Kernels compute with plain loops: right, but several times slower. ";
    if (!VectorModule.load()) {
      warn(
          "vector",
          "The JVM does not give out " + VectorModule.NAME + ".",
          slow + "Start through ./tantra, or with --add-modules " + VectorModule.NAME + ".");
      return;
    }
    try {
      Class<?> vector = Class.forName("jdk.incubator.vector.FloatVector");
      Object species = vector.getField("SPECIES_PREFERRED").get(null);
      Object lanes =
          Class.forName("jdk.incubator.vector.VectorSpecies").getMethod("length").invoke(species);
      ok("vector", lanes + " float lanes");
    } catch (ClassNotFoundException
        | NoSuchFieldException
        | NoSuchMethodException
        | IllegalAccessException
        | InvocationTargetException e) {
      warn("vector", "The vector module cannot be used: " + e, slow);
    }
  }

  private void folders() {
    Path home = tantra.home();
    for (String name : List.of("Model", "Config", "plugins", "run")) {
      Path folder = home.resolve(name);
      if (!Files.exists(folder)) {
        boolean possible = Files.isWritable(home) || !Files.exists(home);
        if (possible) {
          ok("folder", folder + " is not there yet; it is made when needed");
        } else {
          fail("folder", folder + " is missing and cannot be made", "Make " + home + " writable.");
        }
      } else if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
        fail(
            "folder", folder + " cannot be written to", "Give this user the right to write there.");
      } else {
        ok("folder", folder + " is writable");
      }
    }
  }

  private Optional<HostConfig> configuration() {
    Path folder = tantra.home().resolve("Config");
    try {
      HostConfig config = HostConfig.read(folder.resolve("host.yaml"));
      ok(
          "config",
          "Config/host.yaml"
              + (Files.exists(folder.resolve("host.yaml")) ? "" : ": none, defaults"));
      return Optional.of(config);
    } catch (TantraException e) {
      fail("config", String.valueOf(e.getMessage()), "Nothing starts before this is corrected.");
      return Optional.empty();
    }
  }

  private void port(HostConfig config) {
    int port = config.http().port();
    Optional<RunFile> run = RunFile.read(tantra.home());
    if (run.isPresent()) {
      ok("port", "process %d serves on %d".formatted(run.get().pid(), run.get().port()));
      return;
    }
    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getByName(config.http().host()))) {
      ok("port", port + " is free");
    } catch (BindException _) {
      warn(
          "port",
          port + " is taken by another program",
          "Serve with --port, or set http.port in Config/host.yaml.");
    } catch (IOException e) {
      fail(
          "port",
          config.http().host() + ":" + port + " cannot be listened on: " + e.getMessage(),
          "Correct http.host in Config/host.yaml.");
    }
  }

  private void host() {
    try (Host host = tantra.open(flags)) {
      host.configProblems()
          .forEach(
              (_, problem) ->
                  fail("config", problem, "Correct the file; it is read again by itself."));
      for (var status : host.plugins()) {
        plugin(PluginLine.of(status));
      }
      if (host.plugins().isEmpty()) {
        fail(
            "plugin",
            "there are none",
            "Put plugin jars into " + host.home().resolve("plugins") + ".");
      }
      host.models().forEach(this::model);
    } catch (TantraException e) {
      fail("host", "does not start: " + e.getMessage(), "See docs/errors.md.");
    }
  }

  private void plugin(PluginLine plugin) {
    String name = plugin.id() + " " + plugin.version() + " (" + plugin.file() + ")";
    switch (plugin.state()) {
      case "active" -> ok("plugin", name + ": " + plugin.contributes());
      case "rejected", "failed" ->
          fail(
              "plugin",
              name + " " + plugin.state() + ": " + plugin.message(),
              "Replace or remove the file; everything else goes on without it.");
      default -> warn("plugin", name + " " + plugin.state() + ": " + plugin.message(), "");
    }
  }

  private void model(ModelStatus model) {
    String name = model.id() + ": " + ModelsCommand.state(model);
    String detail = model.detail().isEmpty() ? "" : ", " + model.detail();
    if (model.state() != ModelStatus.State.UNAVAILABLE) {
      ok("model", name + detail);
    } else {
      List<String> standIns = ModelsCommand.standIns(model);
      warn(
          "model",
          name + detail,
          standIns.isEmpty()
              ? ""
              : "Until then " + String.join(", then ", standIns) + " may answer.");
    }
  }

  private void ok(String subject, String what) {
    findings.add(new Finding(Level.OK, subject, what, ""));
  }

  private void warn(String subject, String what, String advice) {
    findings.add(new Finding(Level.WARN, subject, what, advice));
  }

  private void fail(String subject, String what, String advice) {
    findings.add(new Finding(Level.FAIL, subject, what, advice));
  }
}
