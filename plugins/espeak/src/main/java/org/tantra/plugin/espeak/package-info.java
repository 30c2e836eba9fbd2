/// The plugin espeak: speaks by the program `espeak-ng`, which it starts for each sentence.
@NullMarked
package org.tantra.plugin.espeak;

import org.jspecify.annotations.NullMarked;
