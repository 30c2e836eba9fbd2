package org.tantra.plugin.mamba;

import java.util.ArrayList;
import java.util.List;
import org.tantra.api.WeightPlan;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.TensorView;
import org.tantra.nn.PlannedWeights;
import org.tantra.nn.StateDict;

/// All weights of `ocr_native`, by role: the one place that knows their names and shapes.
///
/// @param columns `[hidden, lineHeight · columnWidth]`
/// @param finalNorm gain, `[hidden]`
/// @param head `[vocab, hidden]`
record OcrWeights(
    MambaWeights.Map columns, List<Layer> layers, TensorView finalNorm, MambaWeights.Map head) {

  /// One layer.
  ///
  /// @param norm gain, `[hidden]`
  record Layer(TensorView norm, MambaWeights.Selective forward, MambaWeights.Selective backward) {}

  OcrWeights {
    layers = List.copyOf(layers);
  }

  /// @throws org.tantra.api.TantraException `CORRUPT` if a weight is missing or has another shape
  static OcrWeights of(OcrConfig config, StateDict weights) {
    int hidden = config.hidden();
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      String at = "layers." + i + ".";
      layers.add(
          new Layer(
              weights.weight(at + "norm.weight", hidden),
              MambaWeights.selective(weights, at + "forward.", hidden, config.mixer(), false, true),
              MambaWeights.selective(
                  weights, at + "backward.", hidden, config.mixer(), false, true)));
    }
    return new OcrWeights(
        MambaWeights.map(weights, true, "columns", hidden, config.columnPixels()),
        layers,
        weights.weight("norm.weight", hidden),
        MambaWeights.map(weights, true, "head", config.vocab(), hidden));
  }

  static WeightPlan plan(OcrConfig config) {
    PlannedWeights planned = new PlannedWeights(DType.F32, MambaWeights::start);
    var _ = of(config, planned);
    return planned.plan();
  }
}
