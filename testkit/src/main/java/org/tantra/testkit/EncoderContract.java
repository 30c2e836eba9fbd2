package org.tantra.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tantra.api.Cancellation;
import org.tantra.api.Encoder;
import org.tantra.api.ErrorKind;
import org.tantra.api.LoadedEncoder;
import org.tantra.api.Media;
import org.tantra.api.Modality;
import org.tantra.api.TantraException;

/// What every [Encoder] keeps to. A plugin's test class extends it, names the extension, and hands
/// in some items it can read:
///
/// ```java
/// final class ColourEncoderContractTest extends EncoderContract {
///   @Override protected Encoder encoder() { return new ColourEncoder(); }
///   @Override protected List<Media> items() { return List.of(red(), green()); }
/// }
/// ```
public abstract class EncoderContract {
  /// Numbers in one embedding of this host.
  private static final int WIDTH = 768;

  /// A file of no kind that anybody reads.
  private static final MemorySegment GARBAGE =
      MemorySegment.ofArray("this is no file of any kind".getBytes(StandardCharsets.UTF_8));

  @SuppressWarnings("NullAway.Init") // set by load() before each test
  private LoadedEncoder loaded;

  /// A new object of the extension under test.
  protected abstract Encoder encoder();

  /// Items that it encodes, at least two, no two of the same meaning.
  protected abstract List<Media> items();

  /// Files of every kind that an encoder of pictures encodes, by name.
  protected Map<String, byte[]> pictures() {
    return SamplePictures.readable();
  }

  /// What it is loaded with.
  protected TestLoadContext context() {
    return TestLoadContext.empty();
  }

  @BeforeEach
  void load() {
    loaded = encoder().load(context());
  }

  @AfterEach
  void close() {
    loaded.close();
  }

  private float[] embed(Media item) {
    return loaded.embed(item, Cancellation.NEVER).toFloats();
  }

  private TantraException refused(Media item) {
    return assertThrows(
        TantraException.class, () -> loaded.embed(item, Cancellation.NEVER), item::toString);
  }

  @Test
  void isFoundAsAService() {
    Class<?> type = encoder().getClass();
    assertTrue(
        ServiceLoader.load(Encoder.class).stream().anyMatch(provider -> provider.type() == type),
        () -> type.getName() + " is not listed in META-INF/services");
  }

  @Test
  void infoIsTheSameForEveryObject() {
    assertEquals(encoder().info(), encoder().info());
    assertEquals(WIDTH, encoder().info().width());
  }

  @Test
  void secondLoadHasTheSameFingerprintAndTheSameVectors() {
    assertFalse(loaded.fingerprint().isBlank());
    try (LoadedEncoder second = encoder().load(context())) {
      assertEquals(loaded.fingerprint(), second.fingerprint());
      Media item = items().getFirst();
      assertArrayEquals(embed(item), second.embed(item, Cancellation.NEVER).toFloats());
    }
  }

  @Test
  void residentBytesAreNotNegative() {
    assertTrue(loaded.residentBytes() >= 0, () -> loaded.residentBytes() + " bytes");
  }

  @Test
  void secondCloseIsHarmless() {
    LoadedEncoder second = encoder().load(context());
    second.close();
    second.close();
  }

  @Test
  void everyItemHasAFiniteVectorOfUnitLength() {
    items().forEach(item -> assertUnitLength(item.toString(), embed(item)));
  }

  private static void assertUnitLength(String name, float[] vector) {
    assertEquals(WIDTH, vector.length, name);
    double squares = 0;
    for (float value : vector) {
      assertTrue(Float.isFinite(value), () -> name + " gives " + value);
      squares += (double) value * value;
    }
    assertEquals(1, Math.sqrt(squares), 1e-5, name);
  }

  @Test
  void everyKindOfPictureHasAVectorOfUnitLengthAlwaysTheSame() {
    if (encoder().info().modalities().contains(Modality.IMAGE)) {
      pictures()
          .forEach(
              (name, bytes) -> {
                Media picture = new Media.Encoded(Modality.IMAGE, MemorySegment.ofArray(bytes));
                float[] vector = embed(picture);
                assertUnitLength(name, vector);
                assertArrayEquals(vector, embed(picture), name);
              });
    }
  }

  @Test
  void unreadablePicturesAreInvalidAndSayWhatToDo() {
    if (encoder().info().modalities().contains(Modality.IMAGE)) {
      SamplePictures.unreadable()
          .forEach(
              (name, bytes) -> {
                TantraException refusal =
                    refused(new Media.Encoded(Modality.IMAGE, MemorySegment.ofArray(bytes)));
                assertEquals(ErrorKind.INVALID, refusal.kind(), name);
                assertTrue(refusal.getMessage().length() > 40, refusal.getMessage());
              });
    }
  }

  @Test
  void equalInputGivesEqualBitsAlsoOnTwoThreads() throws Exception {
    for (Media item : items()) {
      float[] first = embed(item);
      FutureTask<float[]> other = new FutureTask<>(() -> embed(item));
      Thread.ofPlatform().start(other);
      assertArrayEquals(first, embed(item));
      assertArrayEquals(first, other.get());
    }
  }

  @Test
  void differentItemsHaveDifferentVectors() {
    List<float[]> vectors = items().stream().map(this::embed).toList();
    for (int i = 1; i < vectors.size(); i++) {
      double product = 0;
      for (int j = 0; j < WIDTH; j++) {
        product += (double) vectors.get(i - 1)[j] * vectors.get(i)[j];
      }
      double similarity = product;
      assertTrue(similarity < 0.9999, () -> "two items have the similarity " + similarity);
    }
  }

  @Test
  void mediaItDoesNotNameAreUnsupported() {
    Set<Modality> others = EnumSet.allOf(Modality.class);
    others.removeAll(encoder().info().modalities());
    for (Modality other : others) {
      Media item =
          other == Modality.TEXT ? new Media.Text("a text") : new Media.Encoded(other, GARBAGE);
      assertEquals(ErrorKind.UNSUPPORTED, refused(item).kind(), other.name());
    }
  }

  @Test
  void emptyAndUnreadableItemsAreInvalid() {
    for (Modality modality : encoder().info().modalities()) {
      if (modality == Modality.TEXT) {
        assertEquals(ErrorKind.INVALID, refused(new Media.Text("")).kind());
      } else {
        MemorySegment nothing = MemorySegment.ofArray(new byte[0]);
        for (MemorySegment bytes : List.of(nothing, GARBAGE)) {
          assertEquals(
              ErrorKind.INVALID,
              refused(new Media.Encoded(modality, bytes)).kind(),
              modality.name());
        }
      }
    }
  }
}
