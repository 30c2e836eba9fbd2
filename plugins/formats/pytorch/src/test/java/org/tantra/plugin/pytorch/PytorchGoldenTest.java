package org.tantra.plugin.pytorch;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.tantra.api.Settings;
import org.tantra.api.WeightFormat;
import org.tantra.testkit.Fixture;
import org.tantra.testkit.WeightCorpusContract;

final class PytorchGoldenTest extends WeightCorpusContract {
  @Override
  protected WeightFormat format() {
    return new PytorchFormat();
  }

  @Override
  protected Fixture corpus() {
    return Fixture.of("golden/corpus");
  }

  @Override
  protected Settings index() throws IOException {
    var json = new TypeReference<Map<String, Object>>() {};
    return Settings.of(
        "index.json", new ObjectMapper().readValue(corpus().file("index.json").toFile(), json));
  }

  @Override
  protected Set<String> formats() {
    return Corpus.FORMATS;
  }
}
