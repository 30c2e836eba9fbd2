@NullMarked
package org.tantra.plugin.pytorch.zip;

import org.jspecify.annotations.NullMarked;
