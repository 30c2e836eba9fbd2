/// Numbers without any header. Door: [RawFormat].
@NullMarked
package org.tantra.plugin.raw;

import org.jspecify.annotations.NullMarked;
