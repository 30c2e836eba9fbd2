package org.tantra.plugin.numpy;

import java.util.Set;
import org.tantra.api.WeightFormat;

final class NpzGoldenTest extends NumpyCorpusContract {
  @Override
  protected WeightFormat format() {
    return new NpzFormat();
  }

  @Override
  protected Set<String> formats() {
    return Set.of("npz");
  }
}
