/// Tantra multimodal v1.0: an encoder whose every position sees every other, used as a text model
/// by reading its last position, and given an image by adding one vector to all positions.
@NullMarked
package org.tantra.plugin.tantra;

import org.jspecify.annotations.NullMarked;
