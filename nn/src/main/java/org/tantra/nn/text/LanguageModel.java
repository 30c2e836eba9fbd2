package org.tantra.nn.text;

/// A network that gives, for a row of token ids, the logits of the token that follows. Implemented
/// by model plugins; knows nothing of text, sampling or requests.
///
/// Safe from several threads as long as each [Session] is used by one at a time: weights are shared
/// and never written, all that changes lives in the session.
public interface LanguageModel {
  /// Most tokens a session holds.
  int contextTokens();

  /// Length of the logits; token ids are below it.
  int vocab();

  /// An empty row of tokens. Cheap: memory (KV cache, recurrent state, scratch) may be taken as the
  /// row grows.
  Session begin();
}
