/// What every text model of the host shares: tokenizers, the sampler, and the loop that turns a
/// network into streamed text. A model plugin brings a [LanguageModel] and picks a [Tokenizer];
/// [TextGenerator] makes the capability out of the two.
///
/// [LanguageModel] and [Session] are implemented by plugins and gain default methods only.
@NullMarked
package org.tantra.nn.text;

import org.jspecify.annotations.NullMarked;
