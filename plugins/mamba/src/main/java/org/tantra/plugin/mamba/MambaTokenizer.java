package org.tantra.plugin.mamba;

import java.util.OptionalInt;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.api.Settings;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.text.CharacterTokenizer;
import org.tantra.nn.text.TokenIdsOnly;
import org.tantra.nn.text.Tokenizer;
import org.tantra.nn.text.TokenizerFiles;

/// Finds the tokenizer of a checkpoint: its own files, else characters for the Tantra layout, else
/// none.
final class MambaTokenizer {
  private MambaTokenizer() {}

  static Tokenizer of(Checkpoint checkpoint, MambaConfig config, Settings json) {
    Set<Integer> ends = ConfigFile.tokens(json, "eos_token_id", -1, config.vocab());
    OptionalInt start = ConfigFile.token(json, "bos_token_id", -1, config.vocab());
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
}
