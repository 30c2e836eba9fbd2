package org.tantra.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tantra.api.ErrorKind;
import org.tantra.api.TantraException;
import org.tantra.api.WeightSource;
import org.tantra.api.tensor.TensorView;
import org.tantra.testkit.MemoryWeights;

/// What validation finds.
final class ValidationTest {
  @TempDir Path folder;
  private StoreHome home;

  @BeforeEach
  void open() {
    home = new StoreHome(folder);
  }

  private Validation validated(WeightSource weights) {
    home.store.saveWeights(weights, "mamba", null, "v1", null, "pt");
    return home.store.validate("mamba", "v1");
  }

  private static WeightSource named(String weight, TensorView view, Map<String, String> metadata) {
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    tensors.put(weight, view);
    tensors.put("layers.0.bias", SimplePlugins.filled(1, 4));
    return MemoryWeights.of(tensors).withMetadata(metadata);
  }

  @Test
  void weightThatFitsAnySizeOfItsPluginIsValid() {
    Validation found = validated(SimplePlugins.weights(4, 1));

    assertEquals(List.of(), found.problems());
    assertEquals("size 'small' of mamba", found.config());
    assertEquals(2, found.tensors());
  }

  @Test
  void missingWeightNamesTheOneThatWasProbablyMeant() {
    Validation found =
        validated(
            named(
                "layers.0.wieght",
                SimplePlugins.filled(1, 4, 4),
                Map.of("config", "{\"hidden\": 4}")));

    assertEquals(
        List.of(
            "Weight 'layers.0.weight' [4, 4] is missing; the config within"
                + " 'mamba_v1_pt.pt' asks for it. The file has 'layers.0.wieght'; was it renamed?"),
        found.problems());
  }

  @Test
  void shapeIsComparedWithTheWeightsOwnConfig() {
    Validation found =
        validated(
            named(
                "layers.0.weight",
                SimplePlugins.filled(1, 4, 5),
                Map.of("config", "{\"hidden\": 4}")));

    assertEquals(
        List.of(
            "Weight 'layers.0.weight' has shape [4, 5], the config within 'mamba_v1_pt.pt' asks for"
                + " [4, 4]."),
        found.problems());
  }

  @Test
  void anotherNetworkThanTheConfigurationAsksForIsAWarningIfThePluginKnowsIt() {
    home.plugins.configured.put("mamba", Map.of("hidden", 64));

    Validation found = validated(SimplePlugins.weights(4, 1));

    assertTrue(found.valid());
    assertTrue(
        found
            .warnings()
            .getFirst()
            .contains("It fits size 'small' of mamba, not Config/mamba.yaml"),
        found.warnings().toString());
  }

  @Test
  void networkThatNobodyKnowsIsToldAgainstTheConfiguration() {
    home.plugins.configured.put("mamba", Map.of("hidden", 64));

    Validation found = validated(SimplePlugins.weights(5, 1));

    assertTrue(
        found.problems().getFirst().contains("[5, 5], Config/mamba.yaml asks for [64, 64]"),
        found.problems().toString());
  }

  @Test
  void valuesThatAreNotFiniteAreFound() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] values = new float[16];
      values[11] = bad;
      var store = new StoreHome(folder.resolve(String.valueOf(bad))).store;
      store.saveWeights(
          named("layers.0.weight", TensorView.of(values, 4, 4), Map.of()),
          "mamba",
          null,
          "v1",
          null,
          "pt");

      assertEquals(
          List.of(
              "Weight 'layers.0.weight' holds an infinity or what is no number, first at element"
                  + " 11."),
          store.validate("mamba", "v1").problems());
    }
  }

  @Test
  void unknownTypeIsKeptAndSaidToBeUncompared() {
    home.store.saveWeights(SimplePlugins.weights(4, 1), "later", null, "v1", null, "pt");

    Validation found = home.store.validate("later", "v1");

    assertTrue(found.valid());
    assertTrue(found.warnings().getFirst().contains("no model type 'later'"));
  }

  @Test
  void fileThatNobodyReadsIsNotValid() throws IOException {
    home.save("mamba", "v1", 1);
    Files.writeString(home.store.weightPath("mamba", null), "nonsense");

    Validation found = home.store.validate("mamba", null);

    assertFalse(found.valid());
    assertEquals("differs", found.checksum());
    assertEquals(2, found.problems().size());
  }

  @Test
  void missingFileSaysWhereItWasLookedFor() throws IOException {
    home.save("mamba", "v1", 1);
    Files.delete(home.store.weightPath("mamba", null));

    TantraException missing =
        assertThrows(TantraException.class, () -> home.store.validate("mamba", null));

    assertEquals(ErrorKind.NOT_FOUND, missing.kind());
    assertTrue(
        missing.getMessage().contains("Model/weights/mamba_v1_safetensors.safetensors"),
        missing.getMessage());
    assertEquals(1, home.names().size(), "nothing is forgotten");
  }

  @Test
  void weightThatDoesNotFitDoesNotBecomeActive() {
    home.save("mamba", "v1", 1);
    home.store.saveWeights(SimplePlugins.weights(5, 1), "mamba", null, "v2", null, "pt");

    TantraException refused =
        assertThrows(TantraException.class, () -> home.store.setActive("mamba", "v2"));

    assertEquals(ErrorKind.CORRUPT, refused.kind());
    assertTrue(refused.getMessage().contains("was not made active"), refused.getMessage());
    assertEquals("mamba_v1_safetensors", home.active("mamba"));
  }
}
