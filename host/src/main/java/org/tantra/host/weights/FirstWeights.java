package org.tantra.host.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.concurrent.AtomicFile;

/// Makes a model's small weights in `Model/<id>/`, from seed 0. One model at a time.
public final class FirstWeights {
  private static final Logger log = LoggerFactory.getLogger(FirstWeights.class);

  private final Path models;
  private final WeightGenerator generator;

  /// @param models the folder `Model`
  public FirstWeights(Path models, WeightGenerator generator) {
    this.models = models;
    this.generator = generator;
  }

  /// @throws TantraException as [WeightGenerator#generate]
  public synchronized void make(String model, Cancellation cancellation) {
    Path folder = models.resolve(model);
    Path file = folder.resolve("model.safetensors");
    if (Files.exists(file)) {
      return;
    }
    var order =
        new WeightGenerator.Order(model, generator.size(model, "small"), 0, file, null, false);
    try {
      // First, so that whoever sees the weights finds it beside them.
      AtomicFile.write(folder.resolve("config.json"), generator.configFile(order));
    } catch (IOException e) {
      throw new TantraException(
          ErrorKind.INTERNAL, "'" + folder + "' cannot be written: " + e + ".", e);
    }
    WeightGenerator.Made made = generator.generate(order, Conversion.Listener.NONE, cancellation);
    log.warn(
        "Model '{}' had no weights and was given {} untrained parameters; its words will mean"
            + " nothing",
        model,
        made.parameters());
  }
}
