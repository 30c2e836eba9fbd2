/// Long-VITA's vision encoder: InternViT with its projector, from pixels to one embedding, on this
/// machine or behind an HTTP API. ViT and CLIP towers are further configurations of the same
/// network.
@NullMarked
package org.tantra.plugin.longvita;

import org.jspecify.annotations.NullMarked;
