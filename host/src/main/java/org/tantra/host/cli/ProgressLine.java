package org.tantra.host.cli;

import java.util.Locale;
import org.tantra.api.Progress;

/// One line on a terminal that says how far a command has come; nothing where there is no terminal.
final class ProgressLine implements Progress, AutoCloseable {
  private static final int WIDTH = 30;
  private static final long PAUSE_NANOS = 100_000_000;

  private final Console console;
  private String stage = "";
  private long printed;
  private boolean visible;

  ProgressLine(Console console) {
    this.console = console;
  }

  @Override
  public void stage(String name) {
    stage = name;
    printed = 0;
  }

  @Override
  public void advance(long done, long total) {
    long now = System.nanoTime();
    if (!console.errTerminal() || total <= 0 || (printed != 0 && now - printed < PAUSE_NANOS)) {
      return;
    }
    printed = now;
    visible = true;
    int filled = (int) (WIDTH * Math.min(done, total) / total);
    console
        .err()
        .printf(
            Locale.ROOT,
            "\r%-9s [%s%s] %3d%%",
            stage,
            "#".repeat(filled),
            " ".repeat(WIDTH - filled),
            100 * Math.min(done, total) / total);
    console.err().flush();
  }

  @Override
  public void close() {
    wipe();
  }

  /// Takes the line away, for something else to be printed.
  void wipe() {
    if (visible) {
      console.err().print("\r\033[K");
      console.err().flush();
      visible = false;
    }
  }
}
