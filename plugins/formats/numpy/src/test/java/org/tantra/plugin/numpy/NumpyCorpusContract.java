package org.tantra.plugin.numpy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import org.tantra.api.Settings;
import org.tantra.testkit.Fixture;
import org.tantra.testkit.WeightCorpusContract;

/// The corpus that the tests of both formats share.
abstract class NumpyCorpusContract extends WeightCorpusContract {
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
}
