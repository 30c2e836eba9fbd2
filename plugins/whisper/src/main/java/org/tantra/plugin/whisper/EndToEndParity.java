package org.tantra.plugin.whisper;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.Transcription.Segment;
import org.tantra.media.Sounds;
import org.tantra.media.WavWriter;
import org.tantra.nn.Trace;
import org.tantra.nn.parity.Comparison;

/// Compares whole transcripts of a long recording: front end, windows, language, rules, prompts,
/// segments and word times together.
public final class EndToEndParity implements ParityCheck {
  private static final String MEL = "mel.first_window_every_37th_frame";
  private static final int MEL_STRIDE = 37;
  private static final String ENCODED = "enc.first_window_every_53rd_position";
  private static final int ENCODED_STRIDE = 53;

  @Override
  public Set<String> families() {
    return Set.of("whisper-e2e");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    Settings tolerance = golden.expected().section("tolerance");
    Tolerances tolerances =
        new Tolerances(
            new Comparison(golden, tolerance.number("tensors_max_abs"), 0),
            new Comparison(golden, tolerance.number("times_abs"), 0),
            new Comparison(golden, tolerance.number("word_times_abs"), 0),
            new Comparison(golden, tolerance.number("avg_logprob_abs"), 0));
    try (Arena copies = Arena.ofShared()) {
      WhisperNetwork network = WhisperNetwork.of(golden.checkpoint(), golden.compute(), copies);
      WhisperTokenizer tokenizer = VocabularyFiles.read(golden.checkpoint(), network.config());
      MemorySegment recording = recording(golden);
      tokenizer(tolerances.tensors, tokenizer, golden.expected());
      frontEnd(tolerances.tensors, network, recording, golden.expected());
      List<Settings> runs = Entries.of(golden.expected(), "runs");
      for (int i = 0; i < runs.size(); i++) {
        Set<String> off = Entries.valueless(golden.expected().list("runs").get(i), "options");
        run(golden, network, tokenizer, recording, runs.get(i), off, tolerances);
      }
    }
    return tolerances.findings();
  }

  private record Tolerances(
      Comparison tensors, Comparison times, Comparison words, Comparison figures) {
    List<Finding> findings() {
      List<Finding> all = new ArrayList<>(tensors.findings());
      all.addAll(times.findings());
      all.addAll(words.findings());
      all.addAll(figures.findings());
      return all;
    }
  }

  private static void tokenizer(
      Comparison comparison, WhisperTokenizer tokenizer, Settings expected) {
    for (Settings entry : Entries.of(expected, "encode")) {
      comparison.checkExactly(
          "ids of '" + entry.text("text") + "'",
          tokenizer.encode(entry.text("text")),
          Entries.ints(entry, "ids"));
    }
    comparison.checkExactly(
        "non-speech tokens",
        tokenizer.notSpoken().stream().mapToInt(i -> i).toArray(),
        Entries.ints(expected, "non_speech_tokens"));
    Settings ids = expected.section("special_ids");
    SpecialTokens specials = tokenizer.specials();
    comparison.checkExactly(
        "special ids",
        new int[] {
          specials.end(),
          specials.start(),
          specials.translate(),
          specials.transcribe(),
          specials.startOfLm(),
          specials.previous(),
          specials.noSpeech(),
          specials.noTimestamps(),
          specials.firstTimestamp()
        },
        new int[] {
          ids.integer("eot"),
          ids.integer("sot"),
          ids.integer("translate"),
          ids.integer("transcribe"),
          ids.integer("startoflm"),
          ids.integer("startofprev"),
          ids.integer("nospeech"),
          ids.integer("notimestamps"),
          ids.integer("timestamp_begin")
        });
  }

  private static void frontEnd(
      Comparison comparison, WhisperNetwork network, MemorySegment recording, Settings expected) {
    WhisperConfig config = network.config();
    MelWindows mel = new MelWindows(recording, config.mels(), Cancellation.NEVER);
    comparison.checkExactly(
        "frames",
        new int[] {(int) mel.frames() + WindowLoop.WINDOW},
        new int[] {expected.section("mel").integer("frames")});
    float[] window = mel.window(0, config.frames(), config.frames());
    float[] some = everyOf(window, MEL_STRIDE, config.mels());
    comparison.check(MEL, Layouts.transposed(some, some.length / config.mels(), config.mels()));
    float[] audio = network.audio().encode(window, Cancellation.NEVER, Trace.NONE);
    comparison.check(ENCODED, everyOf(audio, ENCODED_STRIDE, config.hidden()));
    Statistics statistics = Statistics.of(mel, config.mels());
    comparison.checkNumber("mel mean", statistics.mean, expected.section("mel").number("mean"));
    comparison.checkNumber("mel least", statistics.least, expected.section("mel").number("min"));
    comparison.checkNumber("mel most", statistics.most, expected.section("mel").number("max"));
  }

  /// Figures of all frames, the silence behind the recording included.
  private record Statistics(double mean, double least, double most) {
    static Statistics of(MelWindows mel, int mels) {
      double sum = 0;
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      long all = mel.frames() + WindowLoop.WINDOW;
      for (long from = 0; from < all; from += WindowLoop.WINDOW) {
        int count = (int) Math.min(WindowLoop.WINDOW, all - from);
        for (float value : mel.window(from, count, count)) {
          sum += value;
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
      }
      return new Statistics(sum / (all * mels), least, most);
    }
  }

  /// Rows 0, `stride`, 2 · `stride` …
  private static float[] everyOf(float[] rows, int stride, int width) {
    int count = Math.ceilDiv(rows.length / width, stride);
    float[] some = new float[count * width];
    for (int i = 0; i < count; i++) {
      System.arraycopy(rows, i * stride * width, some, i * width, width);
    }
    return some;
  }

  private static void run(
      ParityCase golden,
      WhisperNetwork network,
      WhisperTokenizer tokenizer,
      MemorySegment recording,
      Settings run,
      Set<String> off,
      Tolerances tolerances) {
    String name = run.text("name") + ": ";
    Settings result = run.section("result");
    WindowDecoder decoder = new WindowDecoder(network.text(), tokenizer);
    WordAligner aligner = new WordAligner(network.text(), tokenizer, heads(golden.expected()));
    MelWindows mel = new MelWindows(recording, network.config().mels(), Cancellation.NEVER);
    try (RecordingWindows windows =
        new RecordingWindows(
            network, decoder, aligner, mel, new SplittableRandom(1), Cancellation.NEVER)) {
      String language = run.section("options").text("language", "");
      if (language.isEmpty()) {
        Map<String, Double> languages = windows.languages();
        language = DecodingParity.likeliest(languages);
        for (Object top : golden.expected().list("detect_language_top5")) {
          if (top instanceof List<?> pair && pair.get(1) instanceof Number probability) {
            String code = String.valueOf(pair.get(0));
            tolerances.figures.checkNumber(
                "language " + code, languages.getOrDefault(code, -1.0), probability.doubleValue());
          }
        }
      }
      equal(tolerances.times, name + "language", language, result.text("language"));
      LoopOptions options = LoopParity.options(run.section("options"), off, language);
      WindowLoop loop =
          new WindowLoop(windows, tokenizer, options, network.config().textPositions());
      List<Segment> segments = new ArrayList<>();
      while (loop.hasNext()) {
        segments.addAll(loop.next());
      }
      equal(tolerances.times, name + "text", loop.text(), result.text("text"));
      SegmentComparison.compare(
          tolerances.times,
          tolerances.words,
          tolerances.figures,
          name,
          segments,
          Entries.of(result, "segments"));
    }
  }

  private static void equal(Comparison comparison, String name, String actual, String expected) {
    comparison.checkExactly(name, actual.codePoints().toArray(), expected.codePoints().toArray());
  }

  private static List<WordAligner.AttentionHead> heads(Settings expected) {
    List<WordAligner.AttentionHead> heads = new ArrayList<>();
    for (Object pair : expected.list("alignment_heads")) {
      if (pair instanceof List<?> head
          && head.get(0) instanceof Integer layer
          && head.get(1) instanceof Integer index) {
        heads.add(new WordAligner.AttentionHead(layer, index));
      }
    }
    return heads;
  }

  /// Joins the case's files and silence as its plan says.
  private static MemorySegment recording(ParityCase golden) {
    Settings audio = golden.expected().section("audio");
    int rate = audio.integer("sample_rate");
    Map<String, byte[]> files = new LinkedHashMap<>();
    ByteArrayOutputStream pcm = new ByteArrayOutputStream();
    pcm.writeBytes(WavWriter.streamHeader16(rate, 1));
    for (Object part : audio.list("plan")) {
      if (part instanceof Number seconds) {
        pcm.writeBytes(new byte[2 * (int) Math.round(seconds.doubleValue() * rate)]);
      } else {
        pcm.writeBytes(
            files.computeIfAbsent(String.valueOf(part), name -> samples(golden, name + ".wav")));
      }
    }
    return MemorySegment.ofArray(pcm.toByteArray());
  }

  private static byte[] samples(ParityCase golden, String name) {
    MemorySegment file =
        golden
            .checkpoint()
            .file(name)
            .orElseThrow(
                () ->
                    new TantraException(
                        ErrorKind.NOT_FOUND,
                        "Golden case '%s' has no file '%s'.".formatted(golden.name(), name)));
    float[] samples = new MonoSound(Sounds.open(file)).all();
    byte[] pcm = new byte[2 * samples.length];
    for (int i = 0; i < samples.length; i++) {
      short value = (short) Math.rint(samples[i] * 32768);
      pcm[2 * i] = (byte) value;
      pcm[2 * i + 1] = (byte) (value >> 8);
    }
    return pcm;
  }
}
