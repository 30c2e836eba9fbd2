package org.tantra.host.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// Keeps the bytes of a fetched file as they arrive, and gives up as soon as they are too many.
/// Without an allowance all are thrown away.
final class BoundedBody implements HttpResponse.BodySubscriber<byte[]> {
  private final RemoteFiles.@Nullable Allowance allowance;
  private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private Flow.@Nullable Subscription subscription;

  /// More bytes came than are allowed.
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;
  }

  BoundedBody(RemoteFiles.@Nullable Allowance allowance) {
    this.allowance = allowance;
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return whole;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    if (allowance == null) {
      subscription.cancel();
      whole.complete(new byte[0]);
    } else {
      subscription.request(Long.MAX_VALUE);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> parts) {
    if (allowance == null || whole.isDone()) {
      return;
    }
    try {
      for (ByteBuffer part : parts) {
        if (bytes.size() + (long) part.remaining() > allowance.bytes()) {
          throw new TooLargeException();
        }
        allowance.taken().take(part.remaining());
        byte[] next = new byte[part.remaining()];
        part.get(next);
        bytes.writeBytes(next);
      }
    } catch (IOException | RuntimeException e) {
      if (subscription != null) {
        subscription.cancel();
      }
      whole.completeExceptionally(e);
    }
  }

  @Override
  public void onError(Throwable cause) {
    whole.completeExceptionally(cause);
  }

  @Override
  public void onComplete() {
    whole.complete(bytes.toByteArray());
  }
}
