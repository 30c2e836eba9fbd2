package org.tantra.plugin.mamba;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tantra.api.Cancellation;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.Prompt;
import org.tantra.api.Settings;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.text.Session;
import org.tantra.testkit.SafetensorsFile;

/// The layout of earlier Tantra systems. No reference outputs of it exist, so the network is
/// compared with its description written out in plain loops, in double precision.
final class GatedConvTest {
  private static final int VOCAB = 60;
  private static final int LAYERS = 3;
  private static final int[] IDS = {3, 59, 0, 17, 17, 42, 8, 31, 5};

  private final Random random = new Random(23);
  private final Map<String, TensorView> weights = new LinkedHashMap<>();

  @ParameterizedTest
  @CsvSource({"24, 4, true, true", "7, 1, true, false", "16, 3, false, true", "10, 12, true, true"})
  void agreesWithItsDescription(int hidden, int kernel, boolean biases, boolean ownHead) {
    randomWeights(hidden, kernel, biases, ownHead);
    double[][] expected = describedLogits(hidden, kernel);
    Checkpoint checkpoint = new Folder(new SafetensorsFile(weights));

    try (MambaModel.Loaded loaded = MambaModel.load(checkpoint, 100, Compute.SERIAL);
        Session session = loaded.network().begin()) {
      session.append(
          IDS,
          Cancellation.NEVER,
          (t, logits) -> {
            for (int i = 0; i < VOCAB; i++) {
              assertEquals(expected[t][i], logits[i], 1e-4, "token " + t + ", logit " + i);
            }
          });
      assertEquals(new MixerConfig.GatedConv(kernel), loaded.network().config().mixer());
    }
  }

  @Test
  void textIsReadAsCharacters() {
    randomWeights(8, 4, true, true);
    try (MambaModel.Loaded loaded =
        MambaModel.load(new Folder(new SafetensorsFile(weights)), 100, Compute.SERIAL)) {
      TextGeneration text = loaded.as(TextGeneration.class).orElseThrow();

      assertEquals(List.of(40, 43, 41), text.tokenize("(+)"));
      try (var generation = text.generate(TextRequest.of(new Prompt.Text("1+1"), 5))) {
        assertTrue(generation.next().isPresent());
      }
    }
  }

  /// Tensors as a PyTorch module of that description stores them.
  private void randomWeights(int hidden, int kernel, boolean biases, boolean ownHead) {
    put("embed.weight", 1, VOCAB, hidden);
    for (int i = 0; i < LAYERS; i++) {
      String at = "layers." + i + ".";
      put(at + "norm.weight", 1, hidden);
      put(at + "norm.bias", 1, hidden);
      linear(at + "in_proj", biases, 2L * hidden, hidden);
      linear(at + "dwconv", biases, hidden, 1, kernel);
      linear(at + "out_proj", biases, hidden, hidden);
    }
    put("norm.weight", 1, hidden);
    put("norm.bias", 1, hidden);
    if (ownHead) {
      linear("out", biases, VOCAB, hidden);
    }
  }

  private void linear(String name, boolean bias, long... shape) {
    double fanIn = shape[shape.length - 1];
    put(name + ".weight", (float) (1 / Math.sqrt(fanIn)), shape);
    if (bias) {
      put(name + ".bias", 0.3f, shape[0]);
    }
  }

  private void put(String name, float scale, long... shape) {
    int length = 1;
    for (long size : shape) {
      length = Math.toIntExact(length * size);
    }
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian() * scale;
    }
    weights.put(name, TensorView.of(values, shape));
  }

  /// Layer norm, `in_proj` split into u and v, causal convolution of u, times sigmoid(v),
  /// `out_proj`, residual; a last norm and the head.
  private double[][] describedLogits(int hidden, int kernel) {
    double[][] x = new double[IDS.length][hidden];
    for (int t = 0; t < IDS.length; t++) {
      for (int i = 0; i < hidden; i++) {
        x[t][i] = at("embed.weight", IDS[t] * hidden + i);
      }
    }
    for (int layer = 0; layer < LAYERS; layer++) {
      String name = "layers." + layer + ".";
      double[][] u = new double[IDS.length][];
      double[][] gated = new double[IDS.length][hidden];
      for (int t = 0; t < IDS.length; t++) {
        u[t] = linear(name + "in_proj", norm(name + "norm", x[t]), 2 * hidden);
        for (int c = 0; c < hidden; c++) {
          double sum = at(name + "dwconv.bias", c);
          for (int k = 0; k < kernel; k++) {
            int source = t - (kernel - 1) + k;
            sum += source < 0 ? 0 : at(name + "dwconv.weight", c * kernel + k) * u[source][c];
          }
          gated[t][c] = sum / (1 + Math.exp(-u[t][hidden + c]));
        }
      }
      for (int t = 0; t < IDS.length; t++) {
        double[] change = linear(name + "out_proj", gated[t], hidden);
        for (int i = 0; i < hidden; i++) {
          x[t][i] += change[i];
        }
      }
    }
    double[][] logits = new double[IDS.length][];
    String head = weights.containsKey("out.weight") ? "out" : "embed";
    for (int t = 0; t < IDS.length; t++) {
      logits[t] = linear(head, norm("norm", x[t]), VOCAB);
    }
    return logits;
  }

  private double[] norm(String name, double[] x) {
    double mean = 0;
    for (double value : x) {
      mean += value / x.length;
    }
    double variance = 0;
    for (double value : x) {
      variance += (value - mean) * (value - mean) / x.length;
    }
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] =
          (x[i] - mean) / Math.sqrt(variance + 1e-5) * at(name + ".weight", i)
              + at(name + ".bias", i);
    }
    return y;
  }

  private double[] linear(String name, double[] x, int out) {
    double[] y = new double[out];
    for (int o = 0; o < out; o++) {
      y[o] = at(name + ".bias", o);
      for (int i = 0; i < x.length; i++) {
        y[o] += at(name + ".weight", o * x.length + i) * x[i];
      }
    }
    return y;
  }

  /// An element, 0 if there is no such weight.
  private double at(String name, int index) {
    TensorView view = weights.get(name);
    return view == null ? 0 : view.floatAt(index);
  }

  /// A checkpoint of weights alone.
  private record Folder(WeightSource weights) implements Checkpoint {
    @Override
    public String name() {
      return "earlier";
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public Optional<Settings> json(String fileName) {
      return Optional.empty();
    }

    @Override
    public Optional<MemorySegment> file(String fileName) {
      return Optional.empty();
    }
  }
}
