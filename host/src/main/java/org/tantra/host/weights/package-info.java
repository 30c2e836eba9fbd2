/// Checkpoints: finds them under the home folder, opens their weight files by content through the
/// format plugins, and closes everything after the last user.
@NullMarked
package org.tantra.host.weights;

import org.jspecify.annotations.NullMarked;
