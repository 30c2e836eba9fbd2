package org.tantra.plugin.mamba;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tantra.api.Cancellation;
import org.tantra.api.ErrorKind;
import org.tantra.api.Generation;
import org.tantra.api.Prompt;
import org.tantra.api.TantraException;
import org.tantra.api.TextGeneration;
import org.tantra.api.TextRequest;
import org.tantra.nn.text.BlockSession;
import org.tantra.nn.text.LanguageModel;
import org.tantra.nn.text.Session;
import org.tantra.nn.text.TextGenerator;
import org.tantra.nn.text.Tokenizer;

/// Continues text about media: what a conversation shows stands before its words in the row.
final class MultimodalText implements TextGeneration {
  private final MultimodalNetwork network;
  private final Tokenizer tokenizer;
  private final TextGenerator plain;

  MultimodalText(MultimodalNetwork network, Tokenizer tokenizer) {
    this.network = network;
    this.tokenizer = tokenizer;
    this.plain = new TextGenerator(new Rows(network, List.of()), tokenizer);
  }

  @Override
  public int contextTokens() {
    return plain.contextTokens();
  }

  @Override
  public int vocab() {
    return plain.vocab();
  }

  @Override
  public List<Integer> tokenize(String text) {
    return plain.tokenize(text);
  }

  @Override
  public Generation generate(TextRequest request) {
    if (!(request.prompt() instanceof Prompt.Chat(var messages))) {
      return plain.generate(request);
    }
    List<MediaTokens> media = new ArrayList<>();
    List<Prompt.Message> words = new ArrayList<>();
    for (Prompt.Message message : messages) {
      List<Prompt.Part> parts = new ArrayList<>();
      for (Prompt.Part part : message.parts()) {
        switch (part) {
          case Prompt.TextPart said -> parts.add(said);
          case Prompt.MediaPart(var modality, var bytes) ->
              media.add(MediaTokens.of(modality, bytes, network.config()));
        }
      }
      words.add(new Prompt.Message(message.role(), parts));
    }
    int tokens = media.stream().mapToInt(MediaTokens::count).sum();
    if (tokens >= network.config().contextTokens()) {
      throw new TantraException(
              ErrorKind.INVALID,
              "The media take %d tokens; with the text, %d fit. Send fewer or shorter ones."
                  .formatted(tokens, network.config().contextTokens()))
          .about("messages")
          .withCode("context_length_exceeded");
    }
    TextRequest spoken =
        new TextRequest(
            new Prompt.Chat(words),
            request.maxTokens(),
            request.sampling(),
            request.stop(),
            request.topLogprobs(),
            request.scorePrompt());
    return media.isEmpty()
        ? plain.generate(spoken)
        : new TextGenerator(new Rows(network, media), tokenizer).generate(spoken);
  }

  /// Rows that begin with the same media.
  private record Rows(MultimodalNetwork network, List<MediaTokens> media) implements LanguageModel {
    @Override
    public int contextTokens() {
      return network.config().contextTokens() - media.stream().mapToInt(MediaTokens::count).sum();
    }

    @Override
    public int vocab() {
      return network.config().vocab();
    }

    @Override
    public Session begin() {
      return new BlockSession<>(this, new Row(this), network.config().expertCapacity());
    }
  }

  /// One row: media are computed before its first token.
  private static final class Row implements BlockSession.Row {
    private final MultimodalNetwork network;
    private final List<MediaTokens> media;
    private final MultimodalNetwork.Row row;
    private boolean shown;

    Row(Rows rows) {
      this.network = rows.network();
      this.media = rows.media();
      this.row = network.begin();
    }

    @Override
    public float[] forward(
        int[] tokens, int from, int count, int position, Cancellation cancellation) {
      if (!shown) {
        for (MediaTokens item : media) {
          show(item, cancellation);
        }
        shown = true;
      }
      return network.forward(network.embed(tokens, from, count), count, row, cancellation);
    }

    private void show(MediaTokens item, Cancellation cancellation) {
      int block = network.config().expertCapacity();
      for (int at = 0; at < item.count(); at += block) {
        int count = Math.min(block, item.count() - at);
        float[] vectors = network.embed(item.kind(), item.features(at, count), count);
        var _ = network.forward(vectors, count, row, cancellation);
      }
    }

    @Override
    public int width() {
      return network.config().hidden();
    }

    @Override
    public void head(float[] logits, float[] x, int count) {
      network.textHead(logits, x, count);
    }

    /// Which share of all choices fell on each expert, and how far the busiest is above its fair
    /// share.
    @Override
    public Map<String, Double> measures() {
      long[] loads = row.loads();
      long all = 0;
      long most = 0;
      for (long load : loads) {
        all += load;
        most = Math.max(most, load);
      }
      Map<String, Double> measures = new LinkedHashMap<>();
      measures.put("media_tokens", (double) media.stream().mapToInt(MediaTokens::count).sum());
      if (all > 0) {
        for (int e = 0; e < loads.length; e++) {
          measures.put("expert_%d_share".formatted(e), (double) loads[e] / all);
        }
        measures.put("expert_imbalance", (double) most * loads.length / all);
      }
      return measures;
    }

    @Override
    public void close() {}
  }
}
