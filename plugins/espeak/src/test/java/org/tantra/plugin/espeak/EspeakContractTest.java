package org.tantra.plugin.espeak;

import java.nio.file.Path;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.Model;
import org.tantra.testkit.ModelContract;
import org.tantra.testkit.TestLoadContext;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the program is a shell script")
final class EspeakContractTest extends ModelContract {
  @TempDir private Path folder;

  @Override
  protected Model model() {
    return new EspeakModel();
  }

  @Override
  protected TestLoadContext context() {
    return new FakeProgram(folder).context("cat >/dev/null; cat \"$0.wav\"");
  }
}
