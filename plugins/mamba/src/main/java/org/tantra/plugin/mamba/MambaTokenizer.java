package org.tantra.plugin.mamba;

import java.lang.foreign.Arena;
import java.util.OptionalInt;
import java.util.Set;
import org.tantra.api.Checkpoint;
import org.tantra.api.Settings;
import org.tantra.nn.ConfigFile;
import org.tantra.nn.text.CharacterTokenizer;
import org.tantra.nn.text.EndTokens;
import org.tantra.nn.text.TokenIdsOnly;
import org.tantra.nn.text.Tokenizer;
import org.tantra.nn.text.TokenizerFiles;

/// Finds the tokenizer of a checkpoint: its own files, else characters for the Tantra layout, else
/// none.
final class MambaTokenizer {
  private MambaTokenizer() {}

  /// @param arena the tokenizer may be used until this is closed
  static Tokenizer of(Checkpoint checkpoint, MambaConfig config, Settings json, Arena arena) {
    Set<Integer> ends = ConfigFile.tokens(json, "eos_token_id", -1, config.vocab());
    OptionalInt start = ConfigFile.token(json, "bos_token_id", -1, config.vocab());
    return TokenizerFiles.find(checkpoint, config.vocab(), EndTokens.of(ends), start, arena)
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
                        "Checkpoint '%s' came without tokenizer.json, so text cannot be turned into tokens. Put it beside the weights, or vocab.json and merges.txt, or send token ids."
                            .formatted(checkpoint.name())));
  }
}
