/// Weight files of llama.cpp and its relatives. Quantised tensors stay the blocks they are on disk;
/// expanding them is `org.tantra.nn`'s. Door: [GgufFormat].
@NullMarked
package org.tantra.plugin.gguf;

import org.jspecify.annotations.NullMarked;
