/// The models `whisper`, `whisper-base` and `whisper-tiny`: speech to text with times, and its
/// encoder as embeddings of sound. Runs every published size in the Hugging Face and the original
/// layout.
@NullMarked
package org.tantra.plugin.whisper;

import org.jspecify.annotations.NullMarked;
