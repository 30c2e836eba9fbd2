/// Zip archives of weights, read from a mapped file by strict rules: the central directory is
/// checked as a whole before any entry is handed out, and whatever two readers could understand
/// differently is refused. Knows nothing of PyTorch.
@NullMarked
package org.tantra.plugin.pytorch.zip;

import org.jspecify.annotations.NullMarked;
