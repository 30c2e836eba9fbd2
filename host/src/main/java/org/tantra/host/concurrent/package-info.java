/// Threads and shared state: fenced calls into plugin code, the fixed pool for arithmetic, counting
/// users, replacing files whole. Knows nothing of what runs on it.
@NullMarked
package org.tantra.host.concurrent;

import org.jspecify.annotations.NullMarked;
