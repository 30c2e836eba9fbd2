@NullMarked
package org.tantra.plugin.gguf;

import org.jspecify.annotations.NullMarked;
