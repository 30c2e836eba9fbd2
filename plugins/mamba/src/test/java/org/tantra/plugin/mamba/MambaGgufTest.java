package org.tantra.plugin.mamba;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tantra.api.ErrorKind;
import org.tantra.api.ParityCheck.Finding;
import org.tantra.api.Settings;
import org.tantra.api.TantraException;
import org.tantra.api.WeightPlan;
import org.tantra.api.tensor.TensorInfo;
import org.tantra.api.tensor.TensorView;
import org.tantra.testkit.GoldenCase;

/// The golden cases under llama.cpp's names, in its shapes, with its sizes.
final class MambaGgufTest {
  private static Map<String, String> names(boolean second) {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("backbone.embeddings.weight", "token_embd.weight");
    names.put("backbone.norm_f.weight", "output_norm.weight");
    names.put("backbone.layers.", "blk.");
    names.put("mixer.norm.weight", "ssm_norm.weight");
    names.put(".norm.weight", ".attn_norm.weight");
    names.put("mixer.in_proj", "ssm_in");
    names.put("mixer.conv1d", "ssm_conv1d");
    names.put("mixer.x_proj", "ssm_x");
    names.put(second ? "mixer.dt_bias" : "mixer.dt_proj", second ? "ssm_dt.bias" : "ssm_dt");
    names.put("mixer.A_log", "ssm_a");
    names.put("mixer.D", "ssm_d");
    names.put("mixer.out_proj", "ssm_out");
    return names;
  }

  private static Map<String, Object> sizes(boolean second) {
    String kind = second ? "mamba2" : "mamba";
    Map<String, Object> sizes = new LinkedHashMap<>();
    sizes.put("general.architecture", kind);
    sizes.put(kind + ".embedding_length", 32);
    sizes.put(kind + ".block_count", second ? 2 : 3);
    sizes.put(kind + ".ssm.conv_kernel", 4);
    sizes.put(kind + ".ssm.inner_size", 64);
    sizes.put(kind + ".ssm.state_size", second ? 32 : 16);
    sizes.put(kind + ".ssm.time_step_rank", second ? 4 : 2);
    sizes.put(kind + ".attention.layer_norm_rms_epsilon", 1e-5);
    sizes.put("tokenizer.ggml.tokens", Collections.nCopies(second ? 160 : 199, "x"));
    if (second) {
      sizes.put("mamba2.ssm.group_count", 1);
    }
    return sizes;
  }

  /// A case with everything renamed.
  private static GoldenCase golden(String name) {
    boolean second = name.equals("mamba2-tiny");
    GoldenCase golden = GoldenCase.of(MambaGgufTest.class, name);
    for (TensorInfo info : golden.weights().tensors()) {
      TensorView view = golden.weight(info.name());
      String to = info.name();
      for (Map.Entry<String, String> entry : names(second).entrySet()) {
        to = to.replace(entry.getKey(), entry.getValue());
      }
      golden.without(info.name()).with(to, changed(to, view, second));
    }
    return golden.withJson("config.json", sizes(second));
  }

  private static TensorView changed(String name, TensorView view, boolean second) {
    float[] values = view.toFloats();
    long[] shape = view.shape().toArray();
    if (name.endsWith("ssm_conv1d.weight")) {
      return TensorView.of(values, shape[0], shape[2]);
    }
    if (name.endsWith("ssm_a")) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) -Math.exp(values[i]);
      }
    }
    if (second && (name.endsWith("ssm_a") || name.endsWith("ssm_d"))) {
      return TensorView.of(values, values.length, 1);
    }
    return name.endsWith("ssm_norm.weight")
        ? TensorView.of(values, 1, values.length)
        : TensorView.of(values, shape);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mamba-tiny", "mamba2-tiny"})
  void outputsAgreeWithTheReference(String name) {
    try (GoldenCase golden = golden(name)) {
      List<Finding> findings = new MambaParity().run(golden);
      assertTrue(findings.size() > 10);
      findings.forEach(finding -> assertTrue(finding.within(), finding.toString()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mamba-tiny", "mamba2-tiny"})
  void planHasTheNamesAndShapesOfTheFile(String name) {
    boolean second = name.equals("mamba2-tiny");
    WeightPlan plan =
        new MambaModel().weightPlan(Settings.of("a.gguf", sizes(second))).orElseThrow();
    Map<String, String> planned = new TreeMap<>();
    for (WeightPlan.Weight weight : plan.weights()) {
      if (!weight.optional()) {
        planned.put(weight.info().name(), weight.info().shape().toString());
      }
    }
    try (GoldenCase golden = golden(name)) {
      Map<String, String> stored = new TreeMap<>();
      golden.weights().tensors().forEach(info -> stored.put(info.name(), info.shape().toString()));
      assertEquals(stored, planned);
    }
  }

  @Test
  void decayThatGrowsIsCorrupt() {
    try (GoldenCase golden = golden("mamba-tiny")) {
      float[] values = golden.weight("blk.1.ssm_a").toFloats();
      values[5] = 0.5f;
      golden.with("blk.1.ssm_a", TensorView.of(values, 64, 16));
      TantraException e = assertThrows(TantraException.class, () -> new MambaModel().load(golden));
      assertEquals(ErrorKind.CORRUPT, e.kind());
      assertTrue(String.valueOf(e.getMessage()).contains("'blk.1.ssm_a' holds 0.5 at 5"));
    }
  }

  @Test
  void otherSizesAreCorrupt() {
    try (GoldenCase golden = golden("mamba-tiny").with("mamba.ssm.state_size", 8)) {
      TantraException e = assertThrows(TantraException.class, () -> new MambaModel().load(golden));
      assertEquals(ErrorKind.CORRUPT, e.kind());
    }
  }

  @Test
  void wrongKindOfSizeIsCorrupt() {
    try (GoldenCase golden = golden("mamba-tiny").with("mamba.ssm.dt_b_c_rms", "yes")) {
      TantraException e = assertThrows(TantraException.class, () -> new MambaModel().load(golden));
      assertEquals(ErrorKind.CORRUPT, e.kind());
    }
  }

  @Test
  void relativeWithNormsIsUnsupported() {
    try (GoldenCase golden = golden("mamba-tiny").with("mamba.ssm.dt_b_c_rms", true)) {
      TantraException e = assertThrows(TantraException.class, () -> new MambaModel().load(golden));
      assertEquals(ErrorKind.UNSUPPORTED, e.kind());
    }
  }
}
