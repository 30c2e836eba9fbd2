/// The weight store: which weights there are of each model type, which one is active, their
/// checksums and their history, kept so that neither a crash nor two users at once can corrupt
/// them.
@NullMarked
package org.tantra.host.store;

import org.jspecify.annotations.NullMarked;
