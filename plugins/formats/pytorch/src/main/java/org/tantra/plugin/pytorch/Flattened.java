package org.tantra.plugin.pytorch;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A checkpoint as a flat state dict: the path of keys to each tensor, joined with dots.
///
/// Walks depth first in insertion order, without recursion. Containers that are shared are visited
/// once for each path; cycles, depth and the number of visits are bounded.
///
/// @param tensors by name; a root that is one tensor is called `tensor`
/// @param scalars plain values beside them, as text; long texts and long lists of them are left out
record Flattened(Map<String, StridedTensor> tensors, Map<String, String> scalars) {
  private static final int MAXIMUM_DEPTH = 128;
  private static final int MAXIMUM_VISITS = 1_000_000;
  private static final int MAXIMUM_TENSORS = 1 << 18;
  private static final int MAXIMUM_NAME = 1 << 16;
  private static final long MAXIMUM_NAME_CHARACTERS = 32L << 20;
  private static final long MAXIMUM_PATH_CHARACTERS = 256L << 20;
  private static final int MAXIMUM_SCALARS = 10_000;
  private static final int MAXIMUM_SCALAR_CHARACTERS = 4096;
  private static final int MAXIMUM_LISTED_SCALARS = 64;

  static Flattened of(Value root, Refusal refusal) {
    Walk walk = new Walk(refusal);
    walk.visit(root, "");
    walk.run();
    return new Flattened(
        Collections.unmodifiableMap(walk.tensors), Collections.unmodifiableMap(walk.scalars));
  }

  /// A container whose children are being visited.
  private record Frame(
      Value container, Iterator<Map.Entry<String, Value>> children, int nameLength) {}

  private static final class Walk {
    private final Refusal refusal;
    private final Map<String, StridedTensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> scalars = new LinkedHashMap<>();
    private final Deque<Frame> path = new ArrayDeque<>();
    private final Set<Value> onPath = Collections.newSetFromMap(new IdentityHashMap<>());
    private final StringBuilder name = new StringBuilder();
    private int visits;
    private long nameCharacters;
    private long pathCharacters;

    Walk(Refusal refusal) {
      this.refusal = refusal;
    }

    void run() {
      while (!path.isEmpty()) {
        Frame frame = path.getLast();
        name.setLength(frame.nameLength);
        if (!frame.children.hasNext()) {
          onPath.remove(frame.container);
          path.removeLast();
          continue;
        }
        Map.Entry<String, Value> child = frame.children.next();
        if (frame.nameLength > 0) {
          name.append('.');
        }
        pathCharacters += child.getKey().length();
        if (frame.nameLength + child.getKey().length() > MAXIMUM_NAME
            || pathCharacters > MAXIMUM_PATH_CHARACTERS) {
          throw refusal.because("resource-limit", "the keys of the checkpoint are too long");
        }
        name.append(child.getKey());
        visit(child.getValue(), name);
      }
    }

    private void visit(Value value, CharSequence at) {
      if (++visits > MAXIMUM_VISITS) {
        throw refusal.because(
            "resource-limit", "the checkpoint has more than " + MAXIMUM_VISITS + " paths");
      }
      switch (value) {
        case Value.Tensor(var tensor) -> add(tensor, at);
        case Value.NumpyArray array when array.content != null -> add(array.content, at);
        case Value.UnreadableTensor(var why) ->
            throw refusal.because(
                "unsupported-tensor",
                "weight '" + at + "' " + why + ", only dense tensors are read");
        case Value.Dict dict -> enter(dict, dictChildren(dict));
        case Value.Items(var kind, var items) when kind != Value.Items.Kind.SET ->
            enter(
                value,
                IntStream.range(0, items.size())
                    .mapToObj(i -> Map.entry(Integer.toString(i), items.get(i)))
                    .iterator());
        default -> addScalar(value, at);
      }
    }

    private void addScalar(Value value, CharSequence at) {
      String text = text(value);
      boolean oneOfMany =
          !path.isEmpty()
              && path.getLast().container instanceof Value.Items(_, var items)
              && items.size() > MAXIMUM_LISTED_SCALARS;
      if (text != null
          && !at.isEmpty()
          && !oneOfMany
          && text.length() <= MAXIMUM_SCALAR_CHARACTERS
          && at.length() <= MAXIMUM_SCALAR_CHARACTERS
          && scalars.size() < MAXIMUM_SCALARS) {
        scalars.put(at.toString(), text);
      }
    }

    private static Iterator<Map.Entry<String, Value>> dictChildren(Value.Dict dict) {
      return dict.items().entrySet().stream()
          .map(entry -> Map.entry(entry.getKey().text(), entry.getValue()))
          .iterator();
    }

    private void enter(Value container, Iterator<Map.Entry<String, Value>> children) {
      if (!onPath.add(container)) {
        throw refusal.because("cyclic", "'" + name + "' contains itself");
      }
      if (path.size() == MAXIMUM_DEPTH) {
        throw refusal.because(
            "resource-limit", "the checkpoint is nested deeper than " + MAXIMUM_DEPTH);
      }
      path.addLast(new Frame(container, children, name.length()));
    }

    private void add(StridedTensor tensor, CharSequence at) {
      String tensorName = path.isEmpty() ? "tensor" : at.toString();
      nameCharacters += tensorName.length();
      if (nameCharacters > MAXIMUM_NAME_CHARACTERS || tensors.size() == MAXIMUM_TENSORS) {
        throw refusal.because("resource-limit", "it has more weights than any checkpoint");
      }
      if (tensors.put(tensorName, tensor) != null) {
        throw refusal.because("duplicate-name", "two weights are named '" + tensorName + "'");
      }
    }

    private static @Nullable String text(Value value) {
      return switch (value) {
        case Value.None _ -> "null";
        case Value.Bool(var truth) -> Boolean.toString(truth);
        case Value.Int(var number) -> Long.toString(number);
        case Value.BigInt(var number) -> number.toString();
        case Value.Real(var real) -> Double.toString(real);
        case Value.Complex(var real, var imaginary) -> real + " " + imaginary;
        case Value.Text(var text) -> text;
        case Value.Symbol symbol -> symbol.global();
        default -> null;
      };
    }
  }
}
