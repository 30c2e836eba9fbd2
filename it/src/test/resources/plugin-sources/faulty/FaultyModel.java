package faulty;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
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

/** Goes wrong at the place its settings name: hang, load, begin, overflow, memory or midway. */
public final class FaultyModel implements Model {
  @Override
  public ModelInfo info() {
    return new ModelInfo(
        "faulty", "Goes wrong", Set.of(Task.TEXT), Needs.NOTHING, List.of("text-lite"));
  }

  @Override
  public LoadedModel load(LoadContext context) {
    String fault = context.settings().section("model").text("fault", "none");
    if (fault.equals("hang")) {
      while (true) {
        LockSupport.parkNanos(1_000_000_000L); // deaf to interrupts
        Thread.interrupted();
      }
    }
    if (fault.equals("load")) {
      throw new IllegalStateException("boom");
    }
    return new Loaded(fault);
  }

  private record Loaded(String fault) implements LoadedModel, TextGeneration {
    @Override
    public long residentBytes() {
      return 0;
    }

    @Override
    public <T extends Capability> Optional<T> as(Class<T> capability) {
      return capability.isInstance(this) ? Optional.of(capability.cast(this)) : Optional.empty();
    }

    @Override
    public String fingerprint() {
      return "builtin";
    }

    @Override
    public void close() {}

    @Override
    public int contextTokens() {
      return 100;
    }

    @Override
    public int vocab() {
      return 1;
    }

    @Override
    public List<Integer> tokenize(String text) {
      return List.of();
    }

    @Override
    public Generation generate(TextRequest request) {
      return new Answer(fault);
    }
  }

  private static final class Answer implements Generation {
    private final String fault;
    private int pieces;

    Answer(String fault) {
      this.fault = fault;
    }

    @Override
    public Optional<Piece> next() {
      switch (fault) {
        case "begin" -> throw new IllegalStateException("boom");
        case "stuck" -> {
          while (true) {
            LockSupport.parkNanos(1_000_000_000L); // deaf to interrupts
            Thread.interrupted();
          }
        }
        case "none" -> {
          return null;
        }
        case "overflow" -> deeper(0);
        case "memory" -> throw new OutOfMemoryError("boom");
        case "midway" -> {
          if (pieces == 2) {
            throw new IllegalStateException("boom");
          }
        }
        default -> {}
      }
      return pieces++ < 3 ? Optional.of(new Piece("well ", List.of())) : Optional.empty();
    }

    private static int deeper(int depth) {
      return deeper(depth + 1) + 1;
    }

    @Override
    public void cancel() {}

    @Override
    public FinishReason finishReason() {
      return FinishReason.STOP;
    }

    @Override
    public Usage usage() {
      return Usage.of(0, pieces);
    }

    @Override
    public List<Token> promptTokens() {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
