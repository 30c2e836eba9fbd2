package org.tantra.host.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tantra.host.Host;
import org.tantra.host.HostOptions;

/// Runs command lines on a home folder with a [FakeHost] behind them.
final class Session implements Doors {
  private final Path home;
  private final Consumer<FakeHost> prepare;
  final List<FakeHost> opened = new ArrayList<>();
  final List<String> desired = new ArrayList<>();
  String in = "";

  Session(Path home, Consumer<FakeHost> prepare) {
    this.home = home;
    this.prepare = prepare;
  }

  /// What a command line left behind.
  record Ran(int exitCode, String out, String err) {
    JsonNode json() throws IOException {
      return new ObjectMapper().readTree(out);
    }
  }

  Ran run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            false,
            false);
    int exitCode =
        new TantraCli(console, this, Map.of("TANTRA_HOME", home.toString())).run(arguments);
    return new Ran(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  FakeHost host() {
    return opened.getLast();
  }

  @Override
  public Host open(HostOptions options) {
    FakeHost host = new FakeHost(options);
    prepare.accept(host);
    opened.add(host);
    return host;
  }

  @Override
  public HttpDoor listen(Host host, @Nullable String address, @Nullable Integer port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public DesiredPlugins desired(Path folder) {
    return new DesiredPlugins() {
      @Override
      public void enable(String id) {
        desired.add("enable " + id);
      }

      @Override
      public void disable(String id) {
        desired.add("disable " + id);
      }

      @Override
      public void reload(String id) {
        desired.add("reload " + id);
      }
    };
  }
}
