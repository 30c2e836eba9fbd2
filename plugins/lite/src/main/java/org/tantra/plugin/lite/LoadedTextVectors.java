package org.tantra.plugin.lite;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.SharedSpace;

/// `embed-lite`, ready to encode. Holds nothing.
///
/// Each word, and each run of three to five of its letters, is a feature: a pattern of eight signs
/// at eight places of the vector, found by hashing. A feature counts by the root of how often it
/// occurs, a run less than a whole word, so that long texts and common endings do not drown the
/// rest. Scripts that put no space between words are read by their runs.
///
/// @see <a href="https://arxiv.org/abs/0902.2206">Weinberger and others 2009</a> (hashed features)
/// @see <a href="https://arxiv.org/abs/1607.04606">Bojanowski and others 2016, section 3.2</a>
///   (words and their parts)
final class LoadedTextVectors implements LoadedEncoder {
  /// Changes with every change of the vectors.
  private static final String VERSION = "1";

  /// A long book; more is taken for a mistake.
  static final int MAXIMUM_CHARACTERS = 1 << 21;

  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+");
  private static final int SHORTEST_RUN = 3;
  private static final int LONGEST_RUN = 5;
  private static final int PLACES = 8;
  private static final double RUN_WEIGHT = 0.4;

  @Override
  public long residentBytes() {
    return 0;
  }

  @Override
  public String fingerprint() {
    return "builtin-" + VERSION;
  }

  @Override
  public TensorView embed(Media item, Cancellation cancellation) {
    if (!(item instanceof Media.Text(String text))) {
      throw new TantraException(
          ErrorKind.UNSUPPORTED,
          "'embed-lite' reads texts, not " + item.modality().name().toLowerCase(Locale.ROOT) + ".");
    }
    return TensorView.of(vector(text, cancellation), SharedSpace.WIDTH);
  }

  private static float[] vector(String text, Cancellation cancellation) {
    if (text.isBlank()) {
      throw invalid("The text is empty; it has no vector.");
    }
    if (text.length() > MAXIMUM_CHARACTERS) {
      throw invalid(
          "The text has %d characters; at most %d are encoded. Split it."
              .formatted(text.length(), MAXIMUM_CHARACTERS));
    }
    // Sorted, so that sums are formed in the same order whatever the order of the words.
    Map<String, Double> words = new TreeMap<>();
    Map<String, Double> runs = new TreeMap<>();
    String folded = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    Matcher word = WORD.matcher(folded);
    while (word.find()) {
      cancellation.check();
      words.merge(word.group(), 1.0, Double::sum);
      addRuns(runs, "<" + word.group() + ">");
    }
    if (words.isEmpty()) {
      words.put(folded.strip(), 1.0); // signs only
    }
    double[] sums = new double[SharedSpace.WIDTH];
    words.forEach((feature, count) -> add(sums, feature, Math.sqrt(count)));
    runs.forEach((feature, count) -> add(sums, feature, RUN_WEIGHT * Math.sqrt(count)));
    float[] vector = new float[SharedSpace.WIDTH];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) sums[i];
    }
    return SharedSpace.unit(vector);
  }

  private static void addRuns(Map<String, Double> runs, String word) {
    for (int length = SHORTEST_RUN; length <= LONGEST_RUN; length++) {
      for (int from = 0; from + length <= word.length(); from++) {
        // A mark in front keeps a run apart from the word of the same letters.
        runs.merge("\u0001" + word.substring(from, from + length), 1.0, Double::sum);
      }
    }
  }

  private static void add(double[] sums, String feature, double weight) {
    long state = 0xcbf29ce484222325L; // FNV-1a over UTF-16 units
    for (int i = 0; i < feature.length(); i++) {
      state = (state ^ feature.charAt(i)) * 0x100000001b3L;
    }
    for (int i = 0; i < PLACES; i++) {
      // SplitMix64: each step is a fresh 64-bit number.
      state += 0x9e3779b97f4a7c15L;
      long mixed = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
      mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
      mixed ^= mixed >>> 31;
      int place = (int) Long.remainderUnsigned(mixed >>> 1, SharedSpace.WIDTH);
      sums[place] += (mixed & 1) == 0 ? weight : -weight;
    }
  }

  private static TantraException invalid(String message) {
    return new TantraException(ErrorKind.INVALID, message).about("input");
  }

  @Override
  public void close() {}
}
