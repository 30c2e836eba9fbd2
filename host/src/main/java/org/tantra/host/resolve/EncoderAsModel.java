package org.tantra.host.resolve;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.tantra.api.Cancellation;
import org.tantra.api.Capability;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.LoadedModel;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorView;

/// A loaded encoder in the shape of a model, so that both are kept, asked and replaced alike. Holds
/// the encoder to its promises: what breaks one is a failure, and a stand-in answers.
///
/// @param width numbers in one embedding, as declared
record EncoderAsModel(LoadedEncoder encoder, int width) implements LoadedModel, Embedding {
  /// How far from 1 a length may be that was computed in 32 bits.
  private static final double LENGTH_TOLERANCE = 1e-3;

  @Override
  public List<TensorView> embed(List<Media> items, Cancellation cancellation) {
    List<TensorView> embeddings = new ArrayList<>(items.size());
    for (int i = 0; i < items.size(); i++) {
      cancellation.check();
      try {
        embeddings.add(checked(encoder.embed(items.get(i), cancellation)));
      } catch (TantraException e) {
        throw e.kind() == ErrorKind.INVALID ? e.about(place(items, i)) : e;
      }
    }
    return embeddings;
  }

  /// Which item is at fault, as JSON has it: `input[2].image`, or `input` if there is one text.
  private static String place(List<Media> items, int index) {
    Modality modality = items.get(index).modality();
    return (items.size() == 1 ? "input" : "input[" + index + "]")
        + (modality == Modality.TEXT ? "" : "." + modality.name().toLowerCase(Locale.ROOT));
  }

  /// A copy that outlives the encoder.
  private TensorView checked(TensorView embedding) {
    if (embedding.dtype() != DType.F32 || !embedding.shape().equals(Shape.of(width))) {
      throw broken("%s %s".formatted(embedding.dtype(), embedding.shape()));
    }
    float[] values = embedding.toFloats();
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    // Also true for a value that is not a number.
    if (!(Math.abs(Math.sqrt(squares) - 1) <= LENGTH_TOLERANCE)) {
      throw broken("one of length " + Math.sqrt(squares));
    }
    return TensorView.of(values, width);
  }

  private TantraException broken(String got) {
    return new TantraException(
        ErrorKind.INTERNAL,
        "The encoder gave an embedding that is no F32 [%d] of unit length: %s."
            .formatted(width, got));
  }

  @Override
  public long residentBytes() {
    return encoder.residentBytes();
  }

  @Override
  public String fingerprint() {
    return encoder.fingerprint();
  }

  @Override
  public <T extends Capability> Optional<T> as(Class<T> capability) {
    return capability == Embedding.class ? Optional.of(capability.cast(this)) : Optional.empty();
  }

  @Override
  public void close() {
    encoder.close();
  }
}
