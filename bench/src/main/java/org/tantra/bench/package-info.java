/// Measures what this machine does with the kernels and the text networks; every figure of
/// `docs/performance.md` comes from here, by `tools/bench`.
@NullMarked
package org.tantra.bench;

import org.jspecify.annotations.NullMarked;
