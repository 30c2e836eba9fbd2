/// Zip archives of tensors, read more strictly than `java.util.zip` does and written so that every
/// member can be mapped. Knows nothing about what the members hold.
@NullMarked
package org.tantra.plugin.numpy.zip;

import org.jspecify.annotations.NullMarked;
