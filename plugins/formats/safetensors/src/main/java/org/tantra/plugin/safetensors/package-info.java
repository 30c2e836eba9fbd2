/// Weight format safetensors: a length, a JSON header and the bytes of all tensors. Reads by
/// mapping the file, refuses whatever breaks a rule of the format, and writes the bytes that the
/// reference library writes for the same tensors.
@NullMarked
package org.tantra.plugin.safetensors;

import org.jspecify.annotations.NullMarked;
