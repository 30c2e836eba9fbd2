package org.tantra.testkit;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.tantra.api.Cancellation;
import org.tantra.api.Checkpoint;
import org.tantra.api.Compute;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadContext;
import org.tantra.api.Progress;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;

/// What a test hands to an extension that it loads: no settings and no checkpoint until it says
/// otherwise, arithmetic on the calling thread. Immutable.
public final class TestLoadContext implements LoadContext {
  private static final String MAIN = "";

  private final Settings settings;
  private final Map<String, Checkpoint> checkpoints;
  private final Compute compute;
  private final Cancellation cancellation;

  private TestLoadContext(
      Settings settings,
      Map<String, Checkpoint> checkpoints,
      Compute compute,
      Cancellation cancellation) {
    this.settings = settings;
    this.checkpoints = Map.copyOf(checkpoints);
    this.compute = compute;
    this.cancellation = cancellation;
  }

  /// Nothing set, nothing there.
  public static TestLoadContext empty() {
    return new TestLoadContext(
        Settings.empty("the test's settings"), Map.of(), Compute.SERIAL, Cancellation.NEVER);
  }

  /// The same with these values as if from the model's configuration file.
  public TestLoadContext withSettings(Map<String, ?> values) {
    return new TestLoadContext(
        Settings.of("the test's settings", values), checkpoints, compute, cancellation);
  }

  /// The same with the model's checkpoint. Whoever opened it closes it.
  public TestLoadContext withCheckpoint(Checkpoint checkpoint) {
    return withCheckpoint(MAIN, checkpoint);
  }

  /// The same with a further checkpoint, such as `vocoder`.
  public TestLoadContext withCheckpoint(String role, Checkpoint checkpoint) {
    Map<String, Checkpoint> more = new HashMap<>(checkpoints);
    more.put(role, checkpoint);
    return new TestLoadContext(settings, more, compute, cancellation);
  }

  /// The same with other threads for arithmetic.
  public TestLoadContext withCompute(Compute other) {
    return new TestLoadContext(settings, checkpoints, other, cancellation);
  }

  /// The same with a load that is told when to stop.
  public TestLoadContext withCancellation(Cancellation other) {
    return new TestLoadContext(settings, checkpoints, compute, other);
  }

  @Override
  public Settings settings() {
    return settings;
  }

  @Override
  public Checkpoint checkpoint() {
    return checkpoint(MAIN)
        .orElseThrow(
            () -> new TantraException(ErrorKind.NOT_FOUND, "The test has no checkpoint for it."));
  }

  @Override
  public Optional<Checkpoint> checkpoint(String role) {
    return Optional.ofNullable(checkpoints.get(role));
  }

  @Override
  public Compute compute() {
    return compute;
  }

  @Override
  public Progress progress() {
    return Progress.NONE;
  }

  @Override
  public Cancellation cancellation() {
    return cancellation;
  }
}
