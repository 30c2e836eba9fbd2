package org.tantra.plugin.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.tensor.DType;
import org.tantra.api.tensor.Shape;
import org.tantra.api.tensor.TensorInfo;

final class SafetensorsHeaderPropertyTest {
  private static final Refusal REFUSAL = new Refusal("model.safetensors");

  @Property(tries = 500)
  void headerWrittenAndReadIsEqual(
      @ForAll("texts") Map<String, String> metadata, @ForAll("tensors") List<TensorInfo> tensors) {
    byte[] file = HeaderText.of(metadata, tensors);

    SafetensorsHeader header = parse(file, file.length, bytes(tensors));

    assertEquals(metadata, header.metadata());
    assertEquals(
        Set.copyOf(tensors),
        header.entries().stream().map(SafetensorsHeader.Entry::info).collect(Collectors.toSet()));
  }

  @Property(tries = 500)
  void headerCutAnywhereIsCorrupt(
      @ForAll("tensors") List<TensorInfo> tensors, @ForAll @IntRange(max = 10_000) int cut) {
    byte[] file = HeaderText.of(Map.of("format", "pt"), tensors);
    int end = file.length;
    while (file[end - 1] != '}') {
      end--; // the padding may go
    }
    int length = 8 + cut % (end - 8);

    var error = assertThrows(TantraException.class, () -> parse(file, length, bytes(tensors)));

    assertEquals(ErrorKind.CORRUPT, error.kind());
  }

  @Property(tries = 200)
  void anyOtherDataSizeIsCorrupt(
      @ForAll("tensors") List<TensorInfo> tensors, @ForAll @IntRange(min = 1) int bytes) {
    byte[] file = HeaderText.of(Map.of(), tensors);
    for (long other : List.of(bytes(tensors) + bytes, bytes(tensors) - bytes)) {
      var error = assertThrows(TantraException.class, () -> parse(file, file.length, other));
      assertEquals(ErrorKind.CORRUPT, error.kind());
    }
  }

  @Provide
  Arbitrary<Map<String, String>> texts() {
    return Arbitraries.maps(unicode(), unicode()).ofMaxSize(4).withoutEdgeCases();
  }

  @Provide
  Arbitrary<List<TensorInfo>> tensors() {
    Arbitrary<DType> dtypes = Arbitraries.of(SafetensorsHeader.DTYPES);
    Arbitrary<List<Long>> shapes = Arbitraries.longs().between(0, 9).list().ofMaxSize(4);
    return Combinators.combine(unicode(), dtypes, shapes)
        .as(SafetensorsHeaderPropertyTest::info)
        .list()
        .uniqueElements(TensorInfo::name)
        .ofMaxSize(6)
        .withoutEdgeCases();
  }

  private static Arbitrary<String> unicode() {
    Arbitrary<Integer> ascii = Arbitraries.integers().between(0, 0x7f);
    Arbitrary<Integer> any =
        Arbitraries.integers()
            .between(0, Character.MAX_CODE_POINT)
            .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE);
    return Arbitraries.oneOf(ascii, any)
        .list()
        .ofMaxSize(8)
        .map(points -> points.stream().map(Character::toString).reduce("", String::concat));
  }

  private static TensorInfo info(String name, DType dtype, List<Long> sizes) {
    long[] shape = sizes.stream().mapToLong(size -> size * dtype.blockElements()).toArray();
    return new TensorInfo(
        name, dtype, shape.length == 0 ? atLeastOneBlock(dtype) : Shape.of(shape));
  }

  private static Shape atLeastOneBlock(DType dtype) {
    return dtype.blockElements() == 1 ? Shape.of() : Shape.of(dtype.blockElements());
  }

  private static long bytes(List<TensorInfo> tensors) {
    return tensors.stream().mapToLong(TensorInfo::byteSize).sum();
  }

  private static SafetensorsHeader parse(byte[] file, int length, long dataBytes) {
    byte[] json = Arrays.copyOfRange(file, SafetensorsHeader.LENGTH_BYTES, length);
    return SafetensorsHeader.parse(json, dataBytes, REFUSAL);
  }
}
