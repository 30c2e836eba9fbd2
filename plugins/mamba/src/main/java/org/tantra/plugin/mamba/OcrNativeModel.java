package org.tantra.plugin.mamba;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tantra.api.Cancellation;
import org.tantra.api.Capability;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Settings;
import org.tantra.api.Task;
import org.tantra.api.TextRecognition;
import org.tantra.api.WeightPlan;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.StateDict;

/// The extension `ocr_native`: reads lines of print by Mamba layers in both directions, an
/// architecture of this project's own. A page is split into its lines first.
public final class OcrNativeModel implements Model {
  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "ocr_native",
        "Line reader of Mamba layers in both directions",
        Set.of(Task.OCR),
        Needs.WEIGHTS,
        List.of("tantra"));
  }

  @Override
  public Map<String, Map<String, Object>> sizes() {
    return Map.of("small", config(96, 5, 16, 128), "full", config(512, 12, 64, 50000));
  }

  private static Map<String, Object> config(int hidden, int layers, int state, int vocab) {
    return Map.of(
        "architecture",
        "ocr_native",
        "d_model",
        hidden,
        "n_layers",
        layers,
        "d_state",
        state,
        "d_conv",
        4,
        "vocab_size",
        vocab,
        "max_seq_len",
        2048,
        "line_height",
        32,
        "column_width",
        4);
  }

  @Override
  public Optional<WeightPlan> weightPlan(Settings config) {
    return Optional.of(OcrWeights.plan(ConfigFile.plan(config, OcrConfig::of)));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    context.progress().stage("mapping weights");
    var checkpoint = context.checkpoint();
    Arena copies = Arena.ofShared();
    try {
      OcrConfig config = ConfigFile.read(checkpoint, OcrConfig::of);
      StateDict weights = new StateDict(checkpoint.name(), checkpoint.weights(), copies);
      OcrNetwork network =
          new OcrNetwork(config, OcrWeights.of(config, weights), context.compute());
      return new Loaded(
          new LineReader(network),
          copies,
          weights.bytes() + network.ownBytes(),
          checkpoint.version());
    } catch (Throwable e) {
      copies.close();
      throw e;
    }
  }

  /// Splits a page and reads line by line.
  record LineReader(OcrNetwork network) implements TextRecognition {
    @Override
    public Recognition recognize(Image image, Cancellation cancellation) {
      GrayImage gray = GrayImage.of(image);
      List<Line> lines = new ArrayList<>();
      for (LineSplitter.Place place : LineSplitter.lines(gray)) {
        cancellation.check();
        LineColumns columns = LineColumns.of(gray, place, network.config());
        CtcReading reading = new CtcReading(network.config().vocab());
        network.read(columns.pixels(), columns.count(), cancellation, reading);
        lines.add(new Line(reading.text(), reading.confidence(), box(gray, place)));
      }
      return new Recognition(lines);
    }

    private static Box box(GrayImage image, LineSplitter.Place place) {
      return new Box(
          (double) place.left() / image.width(),
          (double) place.top() / image.height(),
          (double) place.right() / image.width(),
          (double) place.bottom() / image.height());
    }
  }

  private record Loaded(LineReader reader, Arena copies, long residentBytes, String fingerprint)
      implements LoadedModel {
    @Override
    public <T extends Capability> Optional<T> as(Class<T> capability) {
      return capability.isInstance(reader)
          ? Optional.of(capability.cast(reader))
          : Optional.empty();
    }

    @Override
    public void close() {
      if (copies.scope().isAlive()) {
        copies.close();
      }
    }
  }
}
