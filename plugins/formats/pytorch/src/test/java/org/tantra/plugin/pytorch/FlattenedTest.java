package org.tantra.plugin.pytorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;

class FlattenedTest {
  private static final Value WEIGHT =
      new Value.Tensor(
          new StridedTensor(
              new Storage.Inline(MemorySegment.ofArray(new byte[4]), false),
              0,
              DType.F32,
              Shape.of(),
              new long[0],
              false,
              false,
              null));

  @Test
  void pathsOfKeysBecomeNames() {
    Flattened flat = flatten(dict("model", dict(1, list(WEIGHT, dict("a.b", WEIGHT)))));
    assertEquals(List.of("model.1.0", "model.1.1.a.b"), List.copyOf(flat.tensors().keySet()));
  }

  @Test
  void bareTensorHasAName() {
    assertEquals(List.of("tensor"), List.copyOf(flatten(WEIGHT).tensors().keySet()));
  }

  @Test
  void plainValuesAreKeptButNotLongListsOfThem() {
    Value generator =
        list(Collections.nCopies(625, (Value) new Value.Int(7)).toArray(Value[]::new));
    Value.Dict root = dict("epoch", new Value.Int(3));
    root.put(key("rng"), generator);
    assertEquals("{epoch=3}", flatten(root).scalars().toString());
  }

  @Test
  void twoPathsWithOneNameAreRefused() {
    Value.Dict root = dict("a.b", WEIGHT);
    root.put(key("a"), dict("b", WEIGHT));
    assertEquals("duplicate-name", refused(root).code());
  }

  @Test
  void sharedListsOfTensorsStopAtTheLimit() {
    Value shared = WEIGHT;
    for (int i = 0; i < 4; i++) {
      shared = list(Collections.nCopies(100, shared).toArray(Value[]::new));
    }
    assertEquals("resource-limit", refused(shared).code());
  }

  @Test
  void longKeysOnManyPathsStopAtTheLimit() {
    Value shared = new Value.Int(1);
    for (int i = 0; i < 100; i++) {
      shared = dict("k".repeat(10_000), shared);
    }
    assertEquals("resource-limit", refused(shared).code());
  }

  @Test
  void unreadableTensorIsNamed() {
    TantraException error = refused(dict("emb", new Value.UnreadableTensor("is sparse")));
    assertEquals("unsupported-tensor", error.code());
    assertEquals(
        "Weight file 'model.pt': weight 'emb' is sparse, only dense tensors are read.",
        error.getMessage());
  }

  private static TantraException refused(Value root) {
    return assertThrows(TantraException.class, () -> flatten(root));
  }

  private static Flattened flatten(Value root) {
    return Flattened.of(root, Refusal.in("model.pt"));
  }

  private static Value list(Value... items) {
    return new Value.Items(Value.Items.Kind.LIST, List.of(items));
  }

  private static Value.Dict dict(Object key, Value value) {
    Value.Dict dict = new Value.Dict(Value.Dict.State.PLAIN);
    dict.put(key(key), value);
    return dict;
  }

  private static Value.Key key(Object key) {
    Value value = key instanceof Integer i ? new Value.Int(i) : new Value.Text(key.toString());
    return Value.Key.of(value).orElseThrow();
  }
}
