package org.tantra.runtimes;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.host.resolve.Call;

/// Who may answer a request, and for how long its caller waits.
///
/// @param standIns whether stand-ins may answer; otherwise the model itself answers or its error is
///   thrown
/// @param timeout longest wait for the whole answer, loading included; null waits as long as it
///   takes
/// @param cancellation asked from time to time, by any thread; true ends the answer
public record CallOptions(boolean standIns, @Nullable Duration timeout, Cancellation cancellation) {
  /// Stand-ins may answer, and the caller waits.
  public static final CallOptions DEFAULT = new CallOptions(true, null, Cancellation.NEVER);

  /// @throws TantraException `INVALID` if `timeout` is not positive
  public CallOptions {
    requireNonNull(cancellation, "cancellation");
    if (timeout != null && !timeout.isPositive()) {
      throw new TantraException(
              ErrorKind.INVALID, "timeout is " + timeout + "; it must be more than zero.")
          .about("timeout");
    }
  }

  public CallOptions withStandIns(boolean other) {
    return new CallOptions(other, timeout, cancellation);
  }

  public CallOptions withTimeout(@Nullable Duration other) {
    return new CallOptions(standIns, other, cancellation);
  }

  public CallOptions withCancellation(Cancellation other) {
    return new CallOptions(standIns, timeout, other);
  }

  /// Makes a call and reads what comes of it.
  ///
  /// @param reading asks the host and reads to the end; the time counts as long as it runs
  /// @throws TantraException as `reading`; `CANCELLED` with the code `timeout` if time ran out
  <Q, R> R run(String model, Q request, Function<Call<Q>, R> reading) {
    Deadline deadline = new Deadline(System.nanoTime(), timeout);
    Cancellation gone = () -> cancellation.cancelled() || deadline.passed();
    try {
      return reading.apply(new Call<>(model, request, standIns, gone));
    } catch (TantraException e) {
      boolean late =
          e.kind() == ErrorKind.CANCELLED && !cancellation.cancelled() && deadline.passed();
      throw late
          ? new TantraException(
                  ErrorKind.CANCELLED,
                  "Model '" + model + "' had not answered in full after " + timeout + ".",
                  e)
              .withCode("timeout")
          : e;
    }
  }

  private record Deadline(long beganNanos, @Nullable Duration timeout) {
    boolean passed() {
      return timeout != null
          && Duration.ofNanos(System.nanoTime() - beganNanos).compareTo(timeout) > 0;
    }
  }
}
