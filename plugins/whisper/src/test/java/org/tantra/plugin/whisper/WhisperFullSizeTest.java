package org.tantra.plugin.whisper;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.Cancellation;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.Settings;
import org.tantra.api.WeightPlan;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.KvCache;
import org.tantra.nn.Trace;

/// Published sizes with random 16-bit weights: prints time and memory of a window of 30 s.
///
/// `mvn -pl plugins/whisper -am verify -Dgroups=fullsize -DexcludedGroups=none
/// -Dtest=WhisperFullSizeTest -Dsurefire.failIfNoSpecifiedTests=false`
@Tag("fullsize")
final class WhisperFullSizeTest {
  private static final int TOKENS = 64;

  /// As many threads as the machine has cores.
  private static final class AllCores implements Compute {
    @Override
    public int threads() {
      return Runtime.getRuntime().availableProcessors();
    }

    @Override
    public void parallel(int parts, Part body) {
      ForkJoinPool.commonPool()
          .submit(() -> IntStream.range(0, parts).parallel().forEach(body::run))
          .join();
    }
  }

  /// Weights of a plan, off the heap.
  private record Weights(Map<String, TensorView> views) implements Checkpoint, WeightSource {
    static Weights of(WeightPlan plan, Arena arena) {
      Random random = new Random(9);
      Map<String, TensorView> views = new LinkedHashMap<>();
      for (WeightPlan.Weight weight : plan.weights()) {
        long elements = weight.info().shape().elements();
        MemorySegment memory = arena.allocate(2 * elements, 64);
        boolean gain = weight.start() instanceof WeightPlan.Start.Constant(double v) && v == 1;
        for (long i = 0; i < elements; i++) {
          // As wide as keeps values of all layers near 1.
          float value = gain ? 1 : 0.05f * (2 * random.nextFloat() - 1);
          memory.set(TensorView.BITS16, 2 * i, Float.floatToFloat16(value));
        }
        views.put(weight.info().name(), new TensorView(DType.F16, weight.info().shape(), memory));
      }
      return new Weights(views);
    }

    long bytes() {
      return views.values().stream().mapToLong(view -> view.memory().byteSize()).sum();
    }

    @Override
    public String name() {
      return "random";
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public WeightSource weights() {
      return this;
    }

    @Override
    public Optional<Settings> json(String fileName) {
      return Optional.empty();
    }

    @Override
    public Optional<MemorySegment> file(String fileName) {
      return Optional.empty();
    }

    @Override
    public Map<String, String> metadata() {
      return Map.of();
    }

    @Override
    public List<TensorInfo> tensors() {
      return views.entrySet().stream()
          .map(entry -> new TensorInfo(entry.getKey(), DType.F16, shape(entry)))
          .toList();
    }

    private static Shape shape(Map.Entry<String, TensorView> entry) {
      return entry.getValue().shape();
    }

    @Override
    public TensorView tensor(String name, SegmentAllocator scratch) {
      return requireNonNull(views.get(name), name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny", "base", "whisper-small", "large-v3"})
  void windowOfThirtySeconds(String size) {
    WeightPlan plan = new WhisperModel().weightPlan(Settings.of(size, dims(size))).orElseThrow();
    try (Arena arena = Arena.ofShared()) {
      Weights weights = Weights.of(plan, arena);
      long before = live();
      long began = System.nanoTime();
      WhisperNetwork network = WhisperNetwork.of(weights, new AllCores(), arena);
      double loaded = (System.nanoTime() - began) / 1e9;
      MelWindows mel =
          new MelWindows(Recordings.noise(30), network.config().mels(), Cancellation.NEVER);
      float[] window = mel.window(0, 3000, 3000);
      began = System.nanoTime();
      float[] audio = network.audio().encode(window, Cancellation.NEVER, Trace.NONE);
      double encoded = (System.nanoTime() - began) / 1e9;
      began = System.nanoTime();
      try (KvCache cross = network.text().cross(audio);
          TextRow row = network.text().begin()) {
        double crossed = (System.nanoTime() - began) / 1e9;
        began = System.nanoTime();
        for (int i = 0; i < TOKENS; i++) {
          float[] states =
              network
                  .text()
                  .forward(
                      List.of(row),
                      List.of(new int[] {i}),
                      cross,
                      Cancellation.NEVER,
                      WhisperTextNetwork.Traces.NONE);
          float[] logits = network.text().logits(states, 1);
          assertTrue(Float.isFinite(logits[LogProbabilities.best(logits)]));
        }
        double decoded = (System.nanoTime() - began) / 1e9;
        System.out.printf(
            "whisper %s: %d parameters, checkpoint %d MiB, loaded in %.3f s, 30 s encoded in %.2f s"
                + " (real-time factor %.3f), cross in %.2f s, %.1f ms a token, %d MiB beside the"
                + " checkpoint%n",
            size,
            plan.parameters(),
            weights.bytes() >> 20,
            loaded,
            encoded,
            (encoded + crossed) / 30,
            crossed,
            1000 * decoded / TOKENS,
            (live() - before + cross.bytes() + row.cache().bytes()) >> 20);
      }
    }
  }

  /// The sizes in the original layout, which a bare state dict is measured by.
  private static Map<String, Object> dims(String size) {
    Map<String, Object> config = requireNonNull(WhisperSizes.ALL.get(size));
    Map<String, Object> dims = new LinkedHashMap<>();
    dims.put("n_mels", config.get("num_mel_bins"));
    dims.put("n_audio_ctx", config.get("max_source_positions"));
    dims.put("n_audio_state", config.get("d_model"));
    dims.put("n_audio_head", config.get("encoder_attention_heads"));
    dims.put("n_audio_layer", config.get("encoder_layers"));
    dims.put("n_vocab", config.get("vocab_size"));
    dims.put("n_text_ctx", config.get("max_target_positions"));
    dims.put("n_text_state", config.get("d_model"));
    dims.put("n_text_head", config.get("decoder_attention_heads"));
    dims.put("n_text_layer", config.get("decoder_layers"));
    return dims;
  }

  /// Bytes on the heap that something still holds.
  private static long live() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
