package org.tantra.plugin.spikingbrain;

import java.util.List;
import java.util.Set;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.api.TantraException;

/// Compares the default network, the published one and the spike coding with reference
/// implementations.
public final class SpikingBrainParity implements ParityCheck {
  private static final String TRUNK = "tantra_spikingbrain";
  private static final String PUBLISHED = "spikingbrain";
  private static final String CODING = "spikingbrain-spike-coding";

  @Override
  public Set<String> families() {
    return Set.of(TRUNK, PUBLISHED, CODING);
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    return switch (golden.family()) {
      case TRUNK -> TrunkParity.run(golden);
      case PUBLISHED -> GlaSwaParity.run(golden);
      case CODING -> SpikeCodingParity.run(golden);
      default ->
          throw new TantraException(
              ErrorKind.UNSUPPORTED,
              "Golden case '%s' is of family '%s', which this check does not know."
                  .formatted(golden.name(), golden.family()));
    };
  }
}
