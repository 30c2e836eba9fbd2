package org.tantra.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.tantra.api.Cancellation;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.Transcription;
import org.tantra.host.Host;
import org.tantra.host.HostOptions;
import org.tantra.host.resolve.Call;
import org.tantra.host.resolve.SpeechAnswer;
import org.tantra.host.resolve.TranscriptAnswer;
import org.tantra.media.WavWriter;

/// Time and resident memory of a speech model in a [SpeechHome], through the whole host.
///
/// Memory is compared with that of the same host after the model has been unloaded, or with that of
/// a tiny voice, in rounds after the first, so that compiled code does not count as the model's.
/// The heap must be of fixed size and touched from the beginning (`-Xms`, `-XX:+AlwaysPreTouch`):
/// of it, what is live counts, and not what garbage it has room for.
final class SpeechSpeed {
  private static final int RATE = 16_000;
  private static final int WINDOW_SECONDS = 30;

  /// English is spoken at some three tokens a second.
  private static final double TOKENS_PER_SECOND = 3;

  private static final int ROUNDS = 3;
  private static final long UNLOAD_NANOS = 10_000_000_000L;

  private final PrintStream to;
  private final Host host;
  private final SpeechHome made;

  private SpeechSpeed(PrintStream to, Host host, Path home) {
    this.to = to;
    this.host = host;
    this.made = new SpeechHome(home);
  }

  /// @param size of Whisper, or `coqui`
  static void run(PrintStream to, String size, Path home) throws IOException {
    Path plugins = Path.of(System.getProperty("tantra.install")).resolve("plugins");
    try (Host host = Host.open(new HostOptions(home, List.of(plugins), null, false))) {
      host.scanPlugins();
      SpeechSpeed speed = new SpeechSpeed(to, host, home);
      if (size.equals("coqui")) {
        speed.speak();
      } else {
        speed.transcribe(size);
      }
    }
  }

  private void transcribe(String size) throws IOException {
    MemorySegment recording = MemorySegment.ofArray(noise());
    tokens(SpeechHome.WARM, recording);
    unload(SpeechHome.WARM);
    List<Double> more = new ArrayList<>();
    List<Double> live = new ArrayList<>();
    double loaded = 0;
    int tokens = 0;
    for (int round = 0; round <= ROUNDS; round++) {
      loaded = seconds(() -> host.load("whisper"));
      Taken with;
      try (TranscriptAnswer answer = begin("whisper", recording)) {
        tokens = answer.next().orElseThrow().tokens().size();
        with = Taken.now(); // while the window's keys and values are held
      }
      unload("whisper");
      Taken without = Taken.now();
      if (round > 0) {
        more.add((double) (with.sum() - without.sum()));
        live.add((double) (with.live - without.live));
      }
    }
    memory(
        "whisper " + size, made.weights("whisper"), Measured.median(more), Measured.median(live));

    double whole = median(() -> tokens("whisper", recording));
    Call<List<Media>> embed =
        new Call<>(
            "whisper",
            List.of(new Media.Encoded(Modality.AUDIO, recording)),
            false,
            Cancellation.NEVER);
    host.embed(embed);
    double encoded = median(() -> host.embed(embed));
    double step = (whole - encoded) / tokens;
    to.printf(
        "whisper %s: loaded in %.2f s; %d s encoded in %.2f s (real-time factor %.3f); %.1f ms a"
            + " token (real-time factor %.3f at %.0f tokens a second)%n",
        size,
        loaded,
        WINDOW_SECONDS,
        encoded,
        encoded / WINDOW_SECONDS,
        1000 * step,
        step * TOKENS_PER_SECOND,
        TOKENS_PER_SECOND);
  }

  /// Unloads a model and waits until its weights are mapped no more.
  private void unload(String model) throws IOException {
    host.unload(model);
    long began = System.nanoTime();
    while (Files.readString(Path.of("/proc/self/maps")).contains(".safetensors")) {
      if (System.nanoTime() - began > UNLOAD_NANOS) {
        throw new IOException(model + " is still mapped, 10 s after it was unloaded");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /// Transcribes one window.
  private void tokens(String model, MemorySegment recording) {
    try (TranscriptAnswer answer = begin(model, recording)) {
      while (answer.next().isPresent()) {
        continue;
      }
    }
  }

  private TranscriptAnswer begin(String model, MemorySegment recording) {
    Transcription.Request request =
        new Transcription.Request(recording, false, "en", null, List.of(0.0), 1, false);
    return host.transcribe(new Call<>(model, request, false, Cancellation.NEVER));
  }

  /// A voice whose other network is tiny shows the time of one network, but for little.
  private void speak() throws IOException {
    Taken before = Taken.now();
    Taken first = taken("acoustic-tiny", "vocoder-tiny");
    to.printf(
        "The first voice of a host, a tiny one, costs %.1f MB: classes and compiled code.%n",
        (first.sum() - before.sum()) / 1e6);
    weigh("hifigan_v2", "acoustic-tiny", "vocoder");
    weigh("Tacotron2", "acoustic", "vocoder-tiny");
    weigh("coqui_tts", "acoustic", "vocoder");
    // By now everything is compiled.
    double vocoder = realTimeFactor("acoustic-tiny", "vocoder");
    double acoustic = realTimeFactor("acoustic", "vocoder-tiny");
    double both = realTimeFactor("acoustic", "vocoder");
    to.printf(
        "coqui_tts: real-time factor of Tacotron2 %.3f, of HiFi-GAN %.3f, of both %.3f%n",
        acoustic, vocoder, both);
  }

  private double loadVoice(String acoustic, String vocoder) throws IOException {
    made.voice(acoustic, vocoder);
    return seconds(() -> host.load("coqui_tts"));
  }

  /// Memory of a voice beyond that of a tiny one, against what its files have beyond those. The
  /// round before the first one compiles what the voice needs.
  private void weigh(String what, String acoustic, String vocoder) throws IOException {
    List<Double> more = new ArrayList<>();
    List<Double> live = new ArrayList<>();
    for (int round = 0; round <= ROUNDS; round++) {
      Taken large = taken(acoustic, vocoder);
      Taken tiny = taken("acoustic-tiny", "vocoder-tiny");
      if (round > 0) {
        more.add((double) (large.sum() - tiny.sum()));
        live.add((double) (large.live - tiny.live));
      }
    }
    long files =
        made.weights(acoustic)
            + made.weights(vocoder)
            - made.weights("acoustic-tiny")
            - made.weights("vocoder-tiny");
    memory(what, files, Measured.median(more), Measured.median(live));
  }

  /// What the host takes while it holds a voice that has spoken.
  private Taken taken(String acoustic, String vocoder) throws IOException {
    loadVoice(acoustic, vocoder);
    spoken();
    Taken taken = Taken.now();
    unload("coqui_tts");
    return taken;
  }

  private double realTimeFactor(String acoustic, String vocoder) throws IOException {
    double loaded = loadVoice(acoustic, vocoder);
    to.printf("%s with %s: loaded in %.2f s%n", acoustic, vocoder, loaded);
    double length = spoken();
    double whole = median(this::spoken);
    unload("coqui_tts");
    return whole / length;
  }

  /// Seconds of speech, without the pause behind it.
  private double spoken() {
    SpeechSynthesis.Request request =
        SpeechSynthesis.Request.of("The quick brown fox jumps over the lazy dog by the river.");
    try (SpeechAnswer answer =
        host.speak(new Call<>("coqui_tts", request, false, Cancellation.NEVER))) {
      while (answer.next().isPresent()) {
        continue;
      }
      return SpeechHome.FRAMES * 256.0 / answer.sampleRateHz();
    }
  }

  private void memory(String what, long files, double more, double live) {
    to.printf(
        "%s: %.2f MB (%.2f of them live on the heap) for %.2f MB of weights: %+.1f %%%n",
        what, more / 1e6, live / 1e6, files / 1e6, 100.0 * (more - files) / files);
  }

  /// @param resident with all of the heap, used or not
  /// @param live bytes on the heap that something holds
  private record Taken(long resident, long live) {
    long sum() {
      return resident + live;
    }

    static Taken now() throws IOException {
      System.gc();
      // As the collection left it: what is used a moment later has threads' own buffers in it.
      long live =
          ManagementFactory.getMemoryPoolMXBeans().stream()
              .filter(pool -> pool.getType() == MemoryType.HEAP)
              .mapToLong(pool -> pool.getCollectionUsage().getUsed())
              .sum();
      return new Taken(residentBytes(), live);
    }

    /// Physical memory as Linux counts it, but for pages of a file that is mapped twice, which are
    /// the same ones.
    private static long residentBytes() throws IOException {
      Map<String, Long> mapped = new HashMap<>();
      long sum = 0;
      String shared = "";
      for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
        if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
          String[] fields = line.split(" +", 6);
          shared = fields[1].endsWith("s") && fields.length == 6 ? fields[5] : "";
        } else if (line.startsWith("Rss:")) {
          long bytes = Long.parseLong(line.replaceAll("\\D", "")) * 1024;
          if (shared.isEmpty()) {
            sum += bytes;
          } else {
            mapped.merge(shared, bytes, Math::max);
          }
        }
      }
      return sum + mapped.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private static double median(Runnable what) {
    List<Double> times = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      times.add(seconds(what));
    }
    return Measured.median(times);
  }

  private static double seconds(Runnable what) {
    long began = System.nanoTime();
    what.run();
    return (System.nanoTime() - began) / 1e9;
  }

  private static byte[] noise() {
    SplittableRandom random = new SplittableRandom(5);
    float[] samples = new float[WINDOW_SECONDS * RATE];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = 0.6f * (float) (random.nextDouble() - 0.5);
    }
    return WavWriter.file16(samples, RATE, 1);
  }
}
