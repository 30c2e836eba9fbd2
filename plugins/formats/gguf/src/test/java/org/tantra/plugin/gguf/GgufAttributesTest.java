package org.tantra.plugin.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.channels.Channels;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tantra.api.Settings;
import org.tantra.api.tensor.TensorView;
import org.tantra.testkit.MemoryWeights;

/// What a file says of its model, written and read again.
final class GgufAttributesTest {
  private static final MemoryWeights TENSORS =
      MemoryWeights.of(Map.of("a", TensorView.of(new float[] {1, 2}, 2)));

  private static GgufFile written(MemoryWeights weights) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new GgufFormat().write(Channels.newChannel(bytes), weights);
    MemorySegment file = MemorySegment.ofArray(bytes.toByteArray());
    return new GgufFile(file, GgufHeader.read(file, new Refusal("test.gguf")));
  }

  private static Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("general.architecture", "gpt2");
    attributes.put("gpt2.block_count", 12);
    attributes.put("gpt2.offset", -3);
    attributes.put("gpt2.parameters", 1L << 40);
    attributes.put("gpt2.seed", BigInteger.ONE.shiftLeft(63));
    attributes.put("gpt2.epsilon", 1e-5);
    attributes.put("gpt2.pi", Math.PI);
    attributes.put("gpt2.tied", true);
    attributes.put("tokenizer.tokens", Collections.nCopies(300, "\u0120x"));
    attributes.put("tokenizer.types", List.of(1, -1, 1 << 30));
    attributes.put("tokenizer.scores", List.of(0.5, -1e-3));
    attributes.put("tokenizer.flags", List.of(true, false));
    attributes.put("tokenizer.none", List.of());
    return attributes;
  }

  @Test
  void typesAreKept() throws IOException {
    try (GgufFile file = written(TENSORS.withAttributes(Settings.of("test", attributes())))) {
      assertEquals(attributes(), file.attributes().asMap());
      assertEquals("12", file.metadata().get("gpt2.block_count"));
      assertTrue(String.valueOf(file.metadata().get("tokenizer.tokens")).endsWith("(300 in all)"));
    }
  }

  @Test
  void freeTextIsWrittenBesideThem() throws IOException {
    try (GgufFile file =
        written(
            TENSORS
                .withMetadata(Map.of("quantization", "q8_0", "gpt2.block_count", "12"))
                .withAttributes(Settings.of("test", attributes())))) {
      assertEquals("q8_0", file.attributes().text("quantization"));
      assertEquals(12, file.attributes().integer("gpt2.block_count"));
    }
  }

  @Test
  void fileThatDescribesNoModelHasNone() throws IOException {
    try (GgufFile file = written(TENSORS.withMetadata(Map.of("format", "pt")))) {
      assertEquals(Map.of(), file.attributes().asMap());
    }
  }
}
