package org.tantra.plugin.whisper;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tantra.api.Encoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.Settings;
import org.tantra.testkit.EncoderContract;
import org.tantra.testkit.PlannedCheckpoint;
import org.tantra.testkit.TestLoadContext;

final class WhisperEncoderContractTest extends EncoderContract {
  /// Made once: nothing writes to it.
  private static final PlannedCheckpoint SMALL = small();

  private static PlannedCheckpoint small() {
    Map<String, Object> config = new HashMap<>(requireNonNull(WhisperSizes.ALL.get("small")));
    // Windows of a second.
    config.put("max_source_positions", 50);
    return PlannedCheckpoint.of(
        new WhisperEncoder().weightPlan(Settings.of("small", config)).orElseThrow(), config);
  }

  @Override
  protected Encoder encoder() {
    return new WhisperEncoder();
  }

  @Override
  protected List<Media> items() {
    return List.of(sound(Recordings.noise(1)), sound(Recordings.silence(0.5)));
  }

  private static Media sound(MemorySegment file) {
    return new Media.Encoded(Modality.AUDIO, file);
  }

  @Override
  protected TestLoadContext context() {
    return TestLoadContext.empty().withCheckpoint(SMALL);
  }
}
