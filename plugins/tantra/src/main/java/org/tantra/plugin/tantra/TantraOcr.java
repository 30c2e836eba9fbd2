package org.tantra.plugin.tantra;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Sampling;
import org.tantra.api.TantraException;
import org.tantra.api.TextRecognition;
import org.tantra.api.tensor.Shape;
import org.tantra.media.Picture;
import org.tantra.media.Pictures;
import org.tantra.nn.Softmax;
import org.tantra.nn.text.Sampler;
import org.tantra.nn.text.Tokenizer;

/// Reads an image as one line: the likeliest tokens of a row about it.
///
/// How the published model was asked is not known. Here the row begins with token 0, and ends with
/// the next token 0 or after [#MAXIMUM_TOKENS].
final class TantraOcr implements TextRecognition {
  /// As long as a line of print.
  private static final int MAXIMUM_TOKENS = 80;

  private static final int BOUNDARY = 0;

  /// The convolution keeps as many numbers again for each thread.
  private static final int MAXIMUM_PIXELS = 1 << 26;

  private final TantraNetwork network;
  private final Tokenizer tokenizer;

  TantraOcr(TantraNetwork network, Tokenizer tokenizer) {
    this.network = network;
    this.tokenizer = tokenizer;
  }

  @Override
  public Recognition recognize(Image image, Cancellation cancellation) {
    return switch (image) {
      case Image.Pixels(var gray) -> {
        Shape shape = gray.shape();
        if (shape.elements() > MAXIMUM_PIXELS) {
          throw new TantraException(
                  ErrorKind.INVALID,
                  "The image has %d pixels; at most %d are read. Scale it down."
                      .formatted(shape.elements(), MAXIMUM_PIXELS))
              .about("image");
        }
        yield read(
            network.imageVector(
                gray.toFloats(), Math.toIntExact(shape.size(0)), Math.toIntExact(shape.size(1))),
            cancellation);
      }
      case Image.Encoded(var bytes) -> {
        Picture picture = Pictures.read(bytes);
        yield read(
            network.imageVector(picture.gray(), picture.height(), picture.width()), cancellation);
      }
    };
  }

  private Recognition read(float[] image, Cancellation cancellation) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    double sum = 0;
    int count = 0;
    Sampler sampler = new Sampler(Sampling.GREEDY, network.vocab());
    try (TantraSession session = network.begin(image)) {
      int token = BOUNDARY;
      int most = Math.min(MAXIMUM_TOKENS, network.contextTokens());
      while (count < most) {
        float[] scores = session.append(new int[] {token}, cancellation);
        token = sampler.next(scores);
        if (token == BOUNDARY) {
          break;
        }
        Softmax.apply(scores, 0, network.vocab());
        sum += scores[token];
        count++;
        text.writeBytes(tokenizer.bytes(token));
      }
    }
    return new Recognition(
        List.of(
            new Line(
                text.toString(StandardCharsets.UTF_8), count == 0 ? 0 : sum / count, Box.WHOLE)));
  }
}
