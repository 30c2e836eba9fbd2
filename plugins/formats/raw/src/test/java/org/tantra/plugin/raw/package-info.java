@NullMarked
package org.tantra.plugin.raw;

import org.jspecify.annotations.NullMarked;
