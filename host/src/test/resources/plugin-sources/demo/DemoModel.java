package demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.tantra.api.Capability;
import org.tantra.api.FinishReason;
import org.tantra.api.Generation;
import org.tantra.api.LoadContext;
import org.tantra.api.LoadedModel;
import org.tantra.api.Model;
import org.tantra.api.ModelInfo;
import org.tantra.api.Needs;
import org.tantra.api.Task;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;
import org.tantra.api.Usage;

/** A model that answers with the version of its jar, read from a resource of the jar. */
public final class DemoModel implements Model {
  private final Properties properties = read();

  private static Properties read() {
    try (InputStream in = DemoModel.class.getResourceAsStream("demo.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ModelInfo info() {
    return new ModelInfo(
        properties.getProperty("model"), "demo", Set.of(Task.TEXT), Needs.NOTHING, List.of());
  }

  @Override
  public LoadedModel load(LoadContext context) {
    return new Loaded(properties.getProperty("version"));
  }

  private record Loaded(String fingerprint) implements LoadedModel, TextGeneration {
    @Override
    public long residentBytes() {
      return 0;
    }

    @Override
    public <T extends Capability> Optional<T> as(Class<T> capability) {
      return capability.isInstance(this) ? Optional.of(capability.cast(this)) : Optional.empty();
    }

    @Override
    public void close() {}

    @Override
    public int contextTokens() {
      return 1024;
    }

    @Override
    public int vocab() {
      return 2;
    }

    @Override
    public List<Integer> tokenize(String text) {
      return List.of();
    }

    @Override
    public Generation generate(TextRequest request) {
      return new Counting(fingerprint, request.maxTokens() == null ? 8 : request.maxTokens());
    }
  }

  private static final class Counting implements Generation {
    private final String version;
    private final int most;
    private int count;

    Counting(String version, int most) {
      this.version = version;
      this.most = most;
    }

    @Override
    public Optional<Piece> next() {
      if (count >= most) {
        return Optional.empty();
      }
      // A class that is loaded late, in the middle of a request.
      return Optional.of(new Piece(new Late(version, count++).text(), List.of()));
    }

    @Override
    public void cancel() {
      count = most;
    }

    @Override
    public FinishReason finishReason() {
      return FinishReason.LENGTH;
    }

    @Override
    public Usage usage() {
      return Usage.of(0, count);
    }

    @Override
    public List<Token> promptTokens() {
      return List.of();
    }

    @Override
    public void close() {}
  }

  private record Late(String version, int count) {
    String text() {
      return version + ";";
    }
  }
}
