package org.tantra.plugin.spikingbrain;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tantra.api.Compute;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.Linear;
import org.tantra.nn.parity.Comparison;
import org.tantra.nn.spike.RoundedLinear;
import org.tantra.nn.spike.SpikeCoding;
import org.tantra.nn.spike.SpikeTrain;
import org.tantra.nn.spike.SpikeTrain.Coding;
import org.tantra.nn.spike.SymmetricRounding;

/// The pieces of the spike coding on their own: thresholds, counts, trains, rounded keys, values
/// and weights.
final class SpikeCodingParity {
  private static final double ABSOLUTE = 5e-5;
  private static final double RELATIVE = 1e-5;
  private static final float K = 3;

  private static final Map<String, Coding> TRAINS = trains();

  private final Comparison comparison;

  private SpikeCodingParity(Comparison comparison) {
    this.comparison = comparison;
  }

  private static Map<String, Coding> trains() {
    Map<String, Coding> trains = new LinkedHashMap<>();
    trains.put("ternary", Coding.TERNARY);
    trains.put("bitwise_signed", Coding.BITWISE);
    trains.put("bitwise_twos_complement", Coding.TWOS_COMPLEMENT);
    trains.put("binary_shifted", Coding.SHIFTED);
    trains.put("bitwise_unsigned_shifted", Coding.SHIFTED_BITWISE);
    return trains;
  }

  static List<Finding> run(ParityCase golden) {
    SpikeCodingParity parity = new SpikeCodingParity(new Comparison(golden, ABSOLUTE, RELATIVE));
    for (double k :
        golden.checkpoint().json("config.json").orElseThrow().list("k_values").stream()
            .mapToDouble(value -> ((Number) value).doubleValue())
            .toArray()) {
      parity.compareCounts("k" + (int) k, "x", new SpikeCoding((float) k));
    }
    parity.compareCounts("ties", "ties.x", new SpikeCoding(K));
    parity.compareTrains(golden);
    parity.compareProducts();
    parity.compareRounding();
    return parity.comparison.findings();
  }

  private void compareCounts(String name, String input, SpikeCoding coding) {
    float[] x = comparison.floats(input);
    int rows = size(input, 0);
    float[] counts = new float[x.length];
    float[] thresholds = new float[rows];
    coding.apply(x, 0, rows, x.length / rows, counts, thresholds);
    comparison.check(name + ".vth", thresholds);
    comparison.checkRounded(name + ".counts", counts, 0);
    if (comparison.has(name + ".dequantised")) {
      comparison.check(name + ".dequantised", x);
    }
  }

  private void compareTrains(ParityCase golden) {
    float[] real = comparison.floats("k3.counts");
    int[] counts = new int[real.length];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = (int) real[i];
    }
    TRAINS.forEach(
        (name, coding) -> {
          SpikeTrain train = SpikeTrain.of(coding, counts);
          int[] spikes = new int[train.steps() * counts.length];
          float[] zeros = new float[counts.length];
          float[] decoded = new float[counts.length];
          for (int i = 0; i < counts.length; i++) {
            for (int t = 0; t < train.steps(); t++) {
              spikes[t * counts.length + i] = train.spike(t, i);
            }
            zeros[i] = train.zero(i);
            decoded[i] = train.counts()[i] + zeros[i];
          }
          comparison.checkExactly(name + ".spikes", spikes);
          comparison.checkRounded(name + ".x_zero", zeros, 0);
          comparison.checkRounded(name + ".decoded", decoded, 0);
          comparison.checkNumber(
              name + ".firing_rate",
              train.firingRate(),
              golden.expected().section("checks").section(name).number("firing_rate"));
        });
  }

  /// `(counts · threshold) Wᵀ`, once as the layers compute it and once with the threshold last.
  private void compareProducts() {
    int rows = size("x", 0);
    int width = size("x", 1);
    int out = size("weight", 0);
    float[] x = comparison.floats("x");
    float[] counts = new float[x.length];
    float[] thresholds = new float[rows];
    new SpikeCoding(K).apply(x, 0, rows, width, counts, thresholds);
    Linear map =
        Linear.rows(TensorView.of(comparison.floats("weight"), out, width), null, Compute.SERIAL);
    float[] y = new float[rows * out];
    map.apply(y, x, rows);
    comparison.check("k3.linear", y);
    map.apply(y, counts, rows);
    for (int i = 0; i < y.length; i++) {
      y[i] *= thresholds[i / out];
    }
    comparison.check("k3.linear_integer_form", y);
  }

  private void compareRounding() {
    float[] x = comparison.floats("quantize_sym.x");
    int width = size("quantize_sym.x", 2);
    SymmetricRounding.apply(x, 0, x.length / width, width);
    comparison.check("quantize_sym.y", x);
    comparison.check("weight_quantizer.dequantised", roundedWeight());
  }

  /// The rounded weight, asked for row by row with unit vectors.
  private float[] roundedWeight() {
    int out = size("weight_quantizer.weight", 0);
    int in = size("weight_quantizer.weight", 1);
    Shape scales = comparison.info("weight_quantizer.scales").shape();
    RoundedLinear map =
        new RoundedLinear(
            TensorView.of(comparison.floats("weight_quantizer.weight"), out, in),
            TensorView.of(comparison.floats("weight_quantizer.scales"), scales.toArray()),
            null,
            Compute.SERIAL);
    float[] units = new float[in * in];
    for (int i = 0; i < in; i++) {
      units[i * in + i] = 1;
    }
    float[] columns = new float[in * out];
    map.apply(columns, units, in);
    float[] rounded = new float[out * in];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = columns[i % in * out + i / in];
    }
    return rounded;
  }

  private int size(String name, int axis) {
    return Math.toIntExact(comparison.info(name).shape().size(axis));
  }
}
