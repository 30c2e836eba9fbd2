package org.tantra.plugin.numpy;

import java.util.Set;
import org.tantra.api.WeightFormat;
import org.tantra.testkit.Fixture;
import org.tantra.testkit.WeightFormatContract;

/// The same promises for an archive whose members are compressed, so that no view is of the file.
final class NpzDeflatedContractTest extends WeightFormatContract {
  @Override
  protected WeightFormat format() {
    return new NpzFormat();
  }

  @Override
  protected Fixture tinyFile() {
    return Fixture.of("golden/corpus/numpy/ok/savez_compressed.npz");
  }

  @Override
  protected Set<Behaviour> lacks() {
    return Set.of(Behaviour.METADATA);
  }
}
