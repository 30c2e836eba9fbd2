package org.tantra.plugin.numpy;

import java.util.Set;
import org.tantra.api.WeightFormat;

final class NpyGoldenTest extends NumpyCorpusContract {
  @Override
  protected WeightFormat format() {
    return new NpyFormat();
  }

  @Override
  protected Set<String> formats() {
    return Set.of("npy");
  }
}
