package org.tantra.plugin.mamba;

import java.util.OptionalInt;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.api.Settings;
import org.tantra.nn.text.CharacterTokenizer;
import org.tantra.nn.text.TokenIdsOnly;
import org.tantra.nn.text.Tokenizer;
import org.tantra.nn.text.TokenizerFiles;

/// Finds the tokenizer of a checkpoint: its own files, else characters for the Tantra layout, else
/// none.
final class MambaTokenizer {
  private MambaTokenizer() {}

  static Tokenizer of(Checkpoint checkpoint, MambaConfig config, Settings json) {
    OptionalInt end = token(json, "eos_token_id", config.vocab());
    OptionalInt start = token(json, "bos_token_id", config.vocab());
    Set<Integer> ends = end.isPresent() ? Set.of(end.getAsInt()) : Set.of();
    return TokenizerFiles.bytePair(checkpoint, config.vocab(), ends, start)
        .orElseGet(
            () ->
                // What tokenizer the earlier systems used is not published; this one needs no
                // files and agrees with bytes on ASCII.
                config.layout() == MambaLayout.TANTRA
                    ? new CharacterTokenizer(config.vocab())
                    : new TokenIdsOnly(
                        config.vocab(),
                        ends,
                        start,
                        "Checkpoint '%s' came without vocab.json and merges.txt, so text cannot be turned into tokens. Put both files beside the weights, or send token ids."
                            .formatted(checkpoint.name())));
  }

  private static OptionalInt token(Settings json, String key, int vocab) {
    int id = json.integer(key, -1);
    return id >= 0 && id < vocab ? OptionalInt.of(id) : OptionalInt.empty();
  }
}
