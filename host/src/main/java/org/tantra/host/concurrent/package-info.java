/// Threads: fenced calls into plugin code, and the fixed pool for arithmetic. Knows nothing of what
/// runs on them.
@NullMarked
package org.tantra.host.concurrent;

import org.jspecify.annotations.NullMarked;
