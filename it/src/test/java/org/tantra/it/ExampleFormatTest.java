package org.tantra.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.OpenOptions;
import org.tantra.api.Progress;
import org.tantra.api.TantraException;
import org.tantra.host.weights.Conversion;
import org.tantra.host.weights.WeightFiles;
import org.tantra.host.weights.WeightInspection;

/// The format plugin by somebody else, dropped into a running host.
final class ExampleFormatTest {
  @TempDir Path home;

  @ParameterizedTest
  @ValueSource(strings = {"pf4j", "felix"})
  void droppedFormatReadsAndWritesAtOnce(String runtime) throws IOException {
    Path file =
        Installation.ROOT.resolve("examples/numpy-format/src/test/resources/golden/tiny.npy");
    Installation.fill(home, List.of());
    try (Installation installation = Installation.start(home, runtime)) {
      WeightFiles weights = installation.host().weights();
      var error =
          assertThrows(
              TantraException.class, () -> weights.inspect(file, OpenOptions.NONE, Progress.NONE));
      assertEquals(ErrorKind.UNSUPPORTED, error.kind());

      Files.copy(Installation.jar("numpy-format"), installation.dropIn("numpy-format"));
      installation.awaitVersion("numpy-format", "1.0.0");
      Path copy = home.resolve("copy.npy");
      weights.convert(Conversion.of(file, copy), Conversion.Listener.NONE, Cancellation.NEVER);

      WeightInspection read = weights.inspect(file, OpenOptions.NONE, Progress.NONE);
      assertEquals("npy-example", read.format());
      assertEquals(
          read.tensors(), weights.inspect(copy, OpenOptions.NONE, Progress.NONE).tensors());
    }
  }
}
