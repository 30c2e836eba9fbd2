package org.tantra.host.resolve;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.tantra.api.ErrorKind;
import org.tantra.api.Media;
import org.tantra.api.SpeechSynthesis;
import org.tantra.api.SpeechSynthesis.Speech;
import org.tantra.api.TantraException;
import org.tantra.api.TextRecognition;
import org.tantra.api.Transcription;
import org.tantra.api.Transcription.Segment;
import org.tantra.api.Transcription.Word;
import org.tantra.api.tensor.TensorView;
import org.tantra.host.registry.PluginRef;

/// What a fake host says, hears, reads and encodes: always the same, by `stand-in` for `first`.
public final class FakeMedia {
  public static final int RATE_HZ = 16_000;
  public static final List<Segment> SEGMENTS =
      List.of(
          segment(0, 0, 1.5, " Hello", List.of(new Word(" Hello", 0.1, 1.2, 0.9))),
          segment(1, 1.5, 3.25, " world.", List.of(new Word(" world.", 1.6, 3, 0.8))));

  public final BlockingQueue<Call<?>> calls = new LinkedBlockingQueue<>();
  public final Semaphore closed = new Semaphore(0);

  /// Thrown instead of an answer.
  public volatile @Nullable TantraException failure;

  /// Thrown instead of the next answers, one each, before [#failure] is looked at.
  public final Queue<TantraException> failures = new ConcurrentLinkedQueue<>();

  /// Thrown after the last piece.
  public volatile @Nullable TantraException broken;

  private static Segment segment(int id, double start, double end, String text, List<Word> words) {
    return new Segment(id, start, end, text, List.of(5, 7), 0, -0.25, 1.1, Double.NaN, words);
  }

  private Served take(Call<?> call) {
    calls.add(call);
    TantraException next = failures.poll();
    TantraException wanted = next == null ? failure : next;
    if (wanted != null) {
      throw wanted;
    }
    return new Served(
        call.model() == null ? "first" : call.model(),
        "stand-in",
        new PluginRef("fake", "1.2.3", 1),
        "builtin",
        false,
        List.of(new Attempt("first", Attempt.Kind.NO_WEIGHTS, "There is no checkpoint.")));
  }

  public TranscriptAnswer transcribe(Call<Transcription.Request> call) {
    Served served = take(call);
    Queue<Segment> left = new ArrayDeque<>(SEGMENTS);
    return new TranscriptAnswer() {
      @Override
      public String language() {
        return "en";
      }

      @Override
      public double durationSeconds() {
        return 3.25;
      }

      @Override
      public double doneSeconds() {
        return left.isEmpty() ? 3.25 : left.element().startSeconds();
      }

      @Override
      public Served served() {
        return served;
      }

      @Override
      public Optional<Segment> next() {
        return nextOf(left);
      }

      @Override
      public void cancel() {}

      @Override
      public void close() {
        closed.release();
      }
    };
  }

  public SpeechAnswer speak(Call<SpeechSynthesis.Request> call) {
    Served served = take(call);
    Queue<Speech> left = new ArrayDeque<>();
    for (String sentence : List.of("One.", "Two.")) { // whatever the request says
      left.add(new Speech(sentence, TensorView.of(new float[] {0, 0.5f, -0.5f, 1}, 4)));
    }
    return new SpeechAnswer() {
      @Override
      public int sampleRateHz() {
        return RATE_HZ;
      }

      @Override
      public Served served() {
        return served;
      }

      @Override
      public Optional<Speech> next() {
        return nextOf(left);
      }

      @Override
      public void cancel() {}

      @Override
      public void close() {
        closed.release();
      }
    };
  }

  private <P> Optional<P> nextOf(Queue<P> left) {
    P piece = left.poll();
    TantraException wanted = broken;
    if (piece == null && wanted != null) {
      throw wanted;
    }
    return Optional.ofNullable(piece);
  }

  public Result<TextRecognition.Recognition> recognize(Call<TextRecognition.Image> call) {
    Served served = take(call);
    return new Result<>(
        served,
        new TextRecognition.Recognition(
            List.of(
                new TextRecognition.Line(
                    "Page 7", 0.75, new TextRecognition.Box(0.125, 0.25, 0.5, 1)))));
  }

  /// The item's number at its own place.
  public Result<List<TensorView>> embed(Call<List<Media>> call) {
    Served served = take(call);
    List<TensorView> vectors = new ArrayList<>();
    for (int i = 0; i < call.request().size(); i++) {
      float[] vector = new float[768];
      vector[i] = 1;
      vector[767] = 0x1p-20f;
      vectors.add(TensorView.of(vector, 768));
    }
    return new Result<>(served, vectors);
  }

  public static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  public static TantraException unreadable() {
    return new TantraException(ErrorKind.INVALID, "The audio file is none of WAV and FLAC.")
        .about("audio")
        .withCode("unsupported_media_type");
  }
}
