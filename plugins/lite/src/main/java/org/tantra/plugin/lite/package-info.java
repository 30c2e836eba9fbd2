/// Ultra-light stand-ins: models that carry all they need in their own jar, load at once and always
/// answer.
///
/// `text-lite` continues text by counting which bytes follow each other in a corpus of ours:
/// [Corpus] reads it, [NgramTable] indexes it, [Topics] says which documents a text is about, and
/// [TextLiteNetwork] turns the three into logits.
@NullMarked
package org.tantra.plugin.lite;

import org.jspecify.annotations.NullMarked;
