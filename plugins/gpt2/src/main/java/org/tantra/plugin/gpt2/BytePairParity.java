package org.tantra.plugin.gpt2;

import java.util.List;
import java.util.Set;
import org.tantra.api.ParityCase;
import org.tantra.api.ParityCheck;
import org.tantra.nn.parity.TokenizerParity;

/// Compares GPT-2's byte-pair encoding, and its relatives', with the reference tokenizers.
public final class BytePairParity implements ParityCheck {
  @Override
  public Set<String> families() {
    return Set.of("tokenizer");
  }

  @Override
  public List<Finding> run(ParityCase golden) {
    return new TokenizerParity(golden).run();
  }
}
